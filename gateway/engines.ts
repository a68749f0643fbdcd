import { join } from "node:path";
import type { GatewayConfig } from "./config.ts";
import { lockDataDir } from "./data-lock.ts";
import type { LogEngine } from "./kafka/engine.ts";
import { SqliteLog } from "./kafka/sqlite-engine.ts";
import { startEmbeddedServer } from "./postgres/embedded/server.ts";
import type { PostgresEngine } from "./postgres/engine.ts";
import { PoolEngine } from "./postgres/pool-engine.ts";
import type { RedisEngine } from "./redis/engine.ts";
import { MemoryRedis } from "./redis/memory-engine.ts";

/** The engines of the three stores that a gateway serves. */
export interface Engines {
  readonly kafka: LogEngine;
  readonly redis: RedisEngine;
  readonly postgres: PostgresEngine;
  /** Closes all three, and releases the data folder. */
  close(): Promise<void>;
}

/** The consumer group whose uncommitted records are never trimmed. */
const PROTECTED_GROUP = "task";

/** Opens the embedded engines in the data folder, which belongs to this process until they are closed. */
export async function openEmbeddedEngines(config: GatewayConfig): Promise<Engines> {
  const lock = lockDataDir(config.dataDir);
  const kafka = new SqliteLog(join(config.dataDir, "log.sqlite"), {
    hours: config.logRetentionHours,
    protectedGroup: PROTECTED_GROUP,
  });
  const redis = new MemoryRedis();
  const server = await startEmbeddedServer(join(config.dataDir, "postgres"));
  const postgres = new PoolEngine(server.connectionString);
  return {
    kafka,
    redis,
    postgres,
    close: async () => {
      await Promise.all([kafka.close(), redis.close(), postgres.close()]);
      await server.stop();
      lock.release();
    },
  };
}
