import { randomUUID } from "node:crypto";
import { postgresStore } from "../../gateway/postgres/settings.ts";
import { connectDatabase, DatabaseSettings } from "../../lib/database.ts";
import { connectRedis, RedisSettings } from "../../lib/redis.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import { Complaint, FAILED } from "./complaint.ts";
import { migrateExternal } from "./external-database.ts";
import { applyMigrations, overHttp } from "./migrations.ts";
import type { Settings } from "./settings.ts";

type DatabaseChoice = Pick<Settings, "DATABASE_URL" | "DATABASE_CONNECTIONS">;

/** Migrates the database. When it is new, sets the epoch in Redis: an empty Redis has lost no data then. */
export async function prepareStores(
  settings: DatabaseChoice,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  const { fresh } = await migrate(settings, values);
  if (fresh) await connectRedis(RedisSettings.parse(values)).set(redisKeys.epoch, randomUUID());
}

async function migrate(
  settings: DatabaseChoice,
  values: Readonly<Record<string, string>>,
): Promise<{ fresh: boolean }> {
  const store = postgresStore(settings);
  if (store === undefined) {
    // The embedded database has a user with all rights, and can be reached through the gateway only.
    return await applyMigrations(overHttp(connectDatabase(DatabaseSettings.parse(values))));
  }
  const { fresh, refusal } = await migrateExternal(store);
  if (refusal !== null) throw new Complaint(`DATABASE_URL cannot be used: ${refusal}`, FAILED);
  return { fresh };
}
