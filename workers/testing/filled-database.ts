import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { neonConfig } from "@neondatabase/serverless";
import { Client } from "pg";
import { z } from "zod";
import { startEmbeddedServer } from "../../gateway/postgres/embedded/server.ts";
import type { Database } from "../../lib/database.ts";
import type { Redis } from "../../lib/redis.ts";
import type { Statement } from "../../operations/kind.ts";
import { applyMigrations, overHttp } from "../../scripts/system/migrations.ts";
import { endGateway, startGateway, storesOf } from "../task/spine.fixture.ts";
import { fill } from "./fill.ts";
import { explainAll } from "./plans.ts";

/** A database with the messages of `fill`, on a Postgres of its own. */
export type FilledDatabase = {
  /** The clients of the Workers; Redis is empty. */
  database: Database;
  redis: Redis;
  /** Where it is. */
  connectionString: string;
  /** A session that explains all that it executes. */
  client: Client;
  /** The statements that some work with the database has executed. */
  statementsOf: (work: () => PromiseLike<unknown>) => Promise<Statement[]>;
  close: () => Promise<void>;
};

const One = z.object({ query: z.string(), params: z.array(z.unknown()) });
const Request = z.union([z.object({ queries: z.array(One) }), One]);

/** Starts a Postgres with so many messages. */
export async function openFilledDatabase(messages: number): Promise<FilledDatabase> {
  const folder = await mkdtemp(join(tmpdir(), "filled-"));
  const server = await startEmbeddedServer(join(folder, "postgres"));
  const gateway = await startGateway(folder, { DATABASE_URL: server.connectionString });
  const { redis, database } = storesOf(gateway);
  const recorded: Statement[] = [];
  neonConfig.fetchFunction = (to: string, init: RequestInit) => {
    const request = Request.parse(JSON.parse(z.string().parse(init.body)));
    const all = "queries" in request ? request.queries : [request];
    recorded.push(...all.map(({ query, params }) => ({ text: query, values: params })));
    return fetch(to, init);
  };
  const client = new Client({ connectionString: server.connectionString });
  await client.connect();
  await applyMigrations(overHttp(database));
  await fill(client, messages);
  await explainAll(client);
  return {
    database,
    redis,
    connectionString: server.connectionString,
    client,
    async statementsOf(work) {
      recorded.length = 0;
      await work();
      return [...recorded];
    },
    async close() {
      await client.end();
      await endGateway(gateway);
      await server.stop();
      await rm(folder, { recursive: true });
    },
  };
}
