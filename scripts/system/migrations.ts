import { join } from "node:path";
import { type MigrationMeta, readMigrationFiles } from "drizzle-orm/migrator";
import type { PgDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";
import { z } from "zod";
import type { Database } from "../../lib/database.ts";
import { fillNames } from "./fill-names.ts";
import { ROOT } from "./project.ts";

/** Drizzle on any client. */
export type AnyDatabase = PgDatabase<PgQueryResultHKT>;

/** A statement and its parameters. */
export type Statement = { text: string; params?: (string | number)[] };

/** A database that can be migrated. Nobody else migrates it at the same time. */
export type Migratable = {
  database: AnyDatabase;
  /** Returns the rows of a statement that runs by itself. */
  query: (statement: Statement) => Promise<unknown[]>;
  /** Runs all statements, or none when one fails. */
  transaction: (statements: Statement[]) => Promise<void>;
};

/** The first line of a migration whose statements cannot run in a transaction, like CREATE INDEX CONCURRENTLY. */
const BY_ITSELF = /^-- each statement by itself\b/;

const Known = z.tuple([z.object({ known: z.boolean() })]);
const Last = z.tuple([z.object({ last: z.string().nullable() })]);

/**
 * Applies the pending migrations and fills the columns that SQL alone cannot fill. Returns how many migrations it
 * applied, and whether the database is `fresh`: it had none before. Uses Drizzle's table, but runs each migration and
 * its entry in one transaction: a migration that is killed half way can never be continued.
 */
export async function applyMigrations(
  target: Migratable,
  folder = join(ROOT, "schema/migrations"),
): Promise<{ applied: number; fresh: boolean }> {
  const last = await lastApplied(target);
  const migrations = readMigrationFiles({ migrationsFolder: folder });
  const waiting = migrations.filter(({ folderMillis }) => last === null || folderMillis > Number(last));
  for (const migration of waiting) await apply(target, migration);
  await fillNames(target.database);
  return { applied: waiting.length, fresh: last === null };
}

/** When the newest applied migration was made; null when there is none. Creates the table of migrations. */
async function lastApplied({ query, transaction }: Migratable): Promise<string | null> {
  const [{ known }] = Known.parse(
    await query({ text: "SELECT to_regclass('drizzle.__drizzle_migrations') IS NOT NULL AS known" }),
  );
  if (!known) {
    // Asked first, because only those who may create a schema may also say IF NOT EXISTS.
    await transaction([
      { text: "CREATE SCHEMA IF NOT EXISTS drizzle" },
      {
        text: `CREATE TABLE IF NOT EXISTS drizzle.__drizzle_migrations (
          id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint)`,
      },
    ]);
  }
  const [{ last }] = Last.parse(
    await query({ text: "SELECT max(created_at)::text AS last FROM drizzle.__drizzle_migrations" }),
  );
  return last;
}

async function apply({ query, transaction }: Migratable, migration: MigrationMeta): Promise<void> {
  const statements = migration.sql.map((text) => ({ text }));
  const entry = {
    text: "INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ($1, $2)",
    params: [migration.hash, migration.folderMillis],
  };
  if (BY_ITSELF.test(migration.sql[0] ?? "")) {
    for (const statement of [...statements, entry]) await query(statement);
  } else await transaction([...statements, entry]);
}

/** A database over HTTP. Only for one that a single system uses: nothing keeps two from migrating it at the same time. */
export function overHttp(database: Database): Migratable {
  const client = database.$client;
  return {
    database,
    query: ({ text, params }) => client.query(text, params),
    transaction: async (statements) => {
      await client.transaction(statements.map(({ text, params }) => client.query(text, params)));
    },
  };
}
