import { setTimeout as sleep } from "node:timers/promises";
import { drizzle } from "drizzle-orm/node-postgres";
import { Client, DatabaseError } from "pg";
import { clientConfig } from "../../gateway/postgres/client-config.ts";
import type { PostgresStore } from "../../gateway/postgres/settings.ts";
import { describeFailure } from "../../gateway/postgres/unusable.ts";
import { StartError } from "../../gateway/start-error.ts";
import { Complaint, FAILED } from "./complaint.ts";
import { applyMigrations, type Migratable, type Statement } from "./migrations.ts";

/** The advisory lock of whoever migrates a database. */
const MIGRATION_LOCK = 7_312_447;
/** How long one may wait for another who migrates. */
const PATIENCE = "10min";
/**
 * How long a statement of a migration waits for a lock: while it waits, others who use the table wait behind it. So it
 * gives up soon, and the migration is tried again.
 */
const LOCK_TIMEOUT = "2s";
const ATTEMPTS = 20;
const BETWEEN_ATTEMPTS_MS = 1_000;

/** What became of the migrations of a database, and what the user of the connection may not do with its tables. */
export type Migrated = { applied: number; fresh: boolean; refusal: string | null };

/** Migrates an external Postgres, also while systems use it. Throws a complaint when it cannot be used or changed. */
export async function migrateExternal(
  store: PostgresStore,
  apply: (target: Migratable) => Promise<{ applied: number; fresh: boolean }> = applyMigrations,
): Promise<Migrated> {
  const client = await connect(store);
  try {
    await client.query(`SET statement_timeout = 0; SET lock_timeout = '${PATIENCE}'`);
    await client.query("SELECT pg_advisory_lock($1)", [MIGRATION_LOCK]);
    await client.query(`SET lock_timeout = '${LOCK_TIMEOUT}'`);
    const outcome = await apply({
      database: drizzle(client),
      query: (statement) => patiently(() => run(client, statement)),
      transaction: (statements) => patiently(() => transaction(client, statements)),
    });
    return { ...outcome, refusal: await refusalOf(client) };
  } catch (error) {
    throw complaintOf(error) ?? error;
  } finally {
    // Ends the session, and with it the lock.
    await client.end().catch(() => undefined);
  }
}

async function connect(store: PostgresStore): Promise<Client> {
  try {
    const client = new Client({ ...(await clientConfig(store)), application_name: "migrations" });
    // A connection that is lost fails the statement that runs.
    client.on("error", () => undefined);
    await client.connect();
    return client;
  } catch (error) {
    if (error instanceof StartError) throw new Complaint(error.message, FAILED);
    throw new Complaint(`DATABASE_URL cannot be used: ${describeFailure(error, store.url)}`, FAILED);
  }
}

async function run(client: Client, { text, params }: Statement): Promise<unknown[]> {
  return (await client.query(text, params)).rows;
}

async function transaction(client: Client, statements: Statement[]): Promise<void> {
  await client.query("BEGIN");
  try {
    for (const statement of statements) await run(client, statement);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

async function patiently<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS || !hasCode(error, "55P03")) throw error;
      await sleep(BETWEEN_ATTEMPTS_MS);
    }
  }
}

function complaintOf(error: unknown): Complaint | undefined {
  if (hasCode(error, "42501")) {
    return new Complaint(
      `DATABASE_URL has a user who may not migrate (${messageOf(error)}): run npm run migrate as the owner of the database`,
      FAILED,
    );
  }
  if (hasCode(error, "55P03")) {
    return new Complaint(
      "A migration cannot lock what it changes: end the long transactions of the database, and migrate again",
      FAILED,
    );
  }
  return undefined;
}

/** Drizzle wraps the errors of its client. */
function hasCode(error: unknown, code: string): boolean {
  if (error instanceof DatabaseError) return error.code === code;
  return error instanceof Error && error.cause !== undefined && hasCode(error.cause, code);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The first right on a table or sequence that the user lacks, as the end of a sentence; null when there are all. */
async function refusalOf(client: Client): Promise<string | null> {
  const { rows } = await client.query<{ role: string; missing: string; name: string }>(`
    WITH needed (kinds, privilege) AS (VALUES
      ('rp', 'SELECT'), ('rp', 'INSERT'), ('rp', 'UPDATE'), ('rp', 'DELETE'), ('S', 'USAGE'))
    SELECT current_user AS role, privilege AS missing, relname AS name
      FROM pg_class, needed
     WHERE relnamespace = current_schema()::regnamespace AND strpos(kinds, relkind::text) > 0
       AND NOT CASE relkind WHEN 'S' THEN has_sequence_privilege(oid, privilege)
                            ELSE has_table_privilege(oid, privilege) END
     LIMIT 1`);
  const [first] = rows;
  return first === undefined ? null : `the user ${first.role} lacks ${first.missing} on ${first.name}`;
}
