import { join } from "node:path";
import type { GatewayConfig } from "./config.ts";
import { lockDataDir } from "./data-lock.ts";
import type { LogEngine } from "./kafka/engine.ts";
import { openKafka } from "./kafka/open-kafka.ts";
import { PROTECTED_GROUP } from "./kafka/retention.ts";
import { SqliteLog } from "./kafka/sqlite-engine.ts";
import { openEmbeddedPostgres } from "./postgres/embedded/engine.ts";
import type { PostgresEngine } from "./postgres/engine.ts";
import { openExternalPostgres } from "./postgres/external.ts";
import type { RedisEngine } from "./redis/engine.ts";
import { openRedis } from "./redis/ioredis-engine.ts";
import { MemoryRedis } from "./redis/memory-engine.ts";
import { StartError } from "./start-error.ts";

/** The engines of the three stores that a gateway serves. */
export interface Engines {
  readonly kafka: LogEngine;
  readonly redis: RedisEngine;
  readonly postgres: PostgresEngine;
  /** Closes all three, and releases the data folder. */
  close(): Promise<void>;
}

/**
 * Opens an engine for each store: of the external store that the configuration names, or else the embedded one. While one
 * of the embedded ones keeps data, the data folder belongs to this process.
 */
export async function openEngines(config: GatewayConfig): Promise<Engines> {
  const { kafka: log, postgres: database } = config.stores;
  const lock = log === undefined || database === undefined ? lockDataDir(config.dataDir) : undefined;
  // Together, because a store that cannot be reached takes some seconds to fail.
  const opening = [openLog(config), openRedisOf(config), openPostgres(config)] as const;
  const outcomes = await Promise.allSettled(opening);
  const close = async () => {
    const opened = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
    await Promise.all(opened.map((engine) => engine.close()));
    lock?.release();
  };
  const failures = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
  if (failures.length > 0) {
    await close();
    throw combined(failures);
  }
  const [kafka, redis, postgres] = await Promise.all(opening);
  return { kafka, redis, postgres, close };
}

async function openLog({ dataDir, logRetentionHours, stores }: GatewayConfig): Promise<LogEngine> {
  if (stores.kafka !== undefined) return await openKafka(stores.kafka);
  const retention = { hours: logRetentionHours, protectedGroup: PROTECTED_GROUP };
  return new SqliteLog(join(dataDir, "log.sqlite"), retention);
}

async function openRedisOf({ stores }: GatewayConfig): Promise<RedisEngine> {
  return stores.redis === undefined ? new MemoryRedis() : await openRedis(stores.redis);
}

async function openPostgres({ dataDir, stores }: GatewayConfig): Promise<PostgresEngine> {
  if (stores.postgres === undefined) return await openEmbeddedPostgres(join(dataDir, "postgres"));
  return await openExternalPostgres(stores.postgres);
}

/** One error for all: a fault, or else the sentences of all start errors. */
function combined(failures: readonly unknown[]): unknown {
  const sentences = failures.flatMap((failure) => (failure instanceof StartError ? [failure.message] : []));
  if (sentences.length < failures.length) return failures.find((failure) => !(failure instanceof StartError));
  return new StartError(sentences.join("\n"));
}
