import { join } from "node:path";
import { sql } from "drizzle-orm";
import { readMigrationFiles } from "drizzle-orm/migrator";
import type { Database } from "../../lib/database.ts";
import { fillNames } from "./fill-names.ts";
import { ROOT } from "./project.ts";

/**
 * Applies the pending migrations and fills the columns that SQL alone cannot fill. Returns how many migrations it
 * applied, and whether the database is `fresh`: it had none before. Uses Drizzle's table, but runs each migration and
 * its entry in one transaction: Drizzle's migrator for Neon over HTTP applies single statements, and a migration that is
 * killed half way can never be continued.
 */
export async function applyMigrations(database: Database): Promise<{ applied: number; fresh: boolean }> {
  const client = database.$client;
  await client.transaction([
    client`CREATE SCHEMA IF NOT EXISTS drizzle`,
    client`CREATE TABLE IF NOT EXISTS drizzle.__drizzle_migrations (
      id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint)`,
  ]);
  const { rows } = await database.execute<{ last: string | null }>(
    sql`SELECT max(created_at)::text AS last FROM drizzle.__drizzle_migrations`,
  );
  const last = rows[0]?.last ?? null;
  const migrations = readMigrationFiles({ migrationsFolder: join(ROOT, "schema/migrations") });
  const waiting = migrations.filter(({ folderMillis }) => last === null || folderMillis > Number(last));
  for (const { sql: statements, hash, folderMillis } of waiting) {
    await client.transaction([
      ...statements.map((statement) => client.query(statement)),
      client`INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES (${hash}, ${folderMillis})`,
    ]);
  }
  await fillNames(database);
  return { applied: waiting.length, fresh: last === null };
}
