import type { PostgresEngine } from "../engine.ts";
import { PoolEngine } from "../pool-engine.ts";
import { type EmbeddedServer, startEmbeddedServer } from "./server.ts";

/** Starts a Postgres server on the data in `folder`, which ends when the engine is closed. */
export async function openEmbeddedPostgres(folder: string): Promise<PostgresEngine> {
  return new EmbeddedPostgres(await startEmbeddedServer(folder));
}

class EmbeddedPostgres extends PoolEngine {
  readonly #server: EmbeddedServer;

  constructor(server: EmbeddedServer) {
    super(server.connectionString);
    this.#server = server;
  }

  override async close(): Promise<void> {
    await super.close();
    await this.#server.stop();
  }
}
