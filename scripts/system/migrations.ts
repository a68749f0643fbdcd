import { join } from "node:path";
import { sql } from "drizzle-orm";
import { readMigrationFiles } from "drizzle-orm/migrator";
import type { Database } from "../../lib/database.ts";
import { fillNames } from "./fill-names.ts";
import { ROOT } from "./project.ts";

/**
 * Applies the migrations that the database has not seen, and fills what SQL alone could not. Returns how many those
 * were, and whether it had seen none. It keeps Drizzle's own table, but each migration with its entry is one transaction:
 * Drizzle's migrator for Neon over HTTP applies statement by statement, and one that is killed in between can never go on.
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
