import { randomUUID } from "node:crypto";
import { connectDatabase, DatabaseSettings } from "../../lib/database.ts";
import { connectRedis, RedisSettings } from "../../lib/redis.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import { applyMigrations } from "./migrations.ts";

/** Migrates the database. When it is new, sets the epoch in Redis: an empty Redis has lost no data then. */
export async function prepareStores(values: Readonly<Record<string, string>>): Promise<void> {
  const { fresh } = await applyMigrations(connectDatabase(DatabaseSettings.parse(values)));
  if (fresh) await connectRedis(RedisSettings.parse(values)).set(redisKeys.epoch, randomUUID());
}
