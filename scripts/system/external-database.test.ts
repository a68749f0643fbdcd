import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type PostgresStore, postgresStore } from "../../gateway/postgres/settings.ts";
import { type RealPostgres, startRealPostgres } from "../../gateway/testing/real/postgres.ts";
import { migrateExternal } from "./external-database.ts";
import { applyMigrations } from "./migrations.ts";

/** Later than every migration of the system. */
const LATER = Date.UTC(2100, 0);

describe("migrations of an external Postgres", () => {
  let postgres: RealPostgres;
  let store: PostgresStore;
  let folder: string;
  const others: Client[] = [];
  beforeAll(async () => {
    postgres = await startRealPostgres("embedded");
    await postgres.run("postgres", "CREATE DATABASE edge");
    const parsed = postgresStore({
      DATABASE_URL: postgres.url({ database: "edge" }),
      DATABASE_CONNECTIONS: 8,
    });
    if (parsed === undefined) throw new Error("The URL of the test's Postgres is not valid");
    store = parsed;
    folder = await mkdtemp(join(tmpdir(), "migrations-"));
    await mkdir(join(folder, "meta"));
  });
  afterEach(() => Promise.all(others.splice(0).map((client) => client.end())));
  afterAll(async () => {
    await postgres.remove();
    await rm(folder, { recursive: true });
  });

  /** Applies the migrations that these tests have written so far. */
  const migrations: { tag: string; when: number }[] = [];
  const applyNext = async (...statements: string[]) => {
    const next = { tag: `next_${migrations.length}`, when: LATER + migrations.length };
    migrations.push(next);
    await writeFile(join(folder, `${next.tag}.sql`), statements.join("--> statement-breakpoint\n"));
    const entries = migrations.map((entry) => ({ ...entry, breakpoints: true }));
    await writeFile(join(folder, "meta/_journal.json"), JSON.stringify({ entries }));
    return await again();
  };
  const again = () => migrateExternal(store, (target) => applyMigrations(target, folder));
  const session = async () => {
    const client = new Client(store.url);
    others.push(client);
    await client.connect();
    return client;
  };
  const columnsOf = async (table: string) =>
    (
      await postgres.run(
        "edge",
        `SELECT column_name AS name FROM information_schema.columns WHERE table_name = '${table}'`,
      )
    ).map(({ name }) => name);

  it("are applied once by several at the same time", async () => {
    const outcomes = await Promise.all([1, 2, 3].map(() => migrateExternal(store)));
    expect(outcomes.filter(({ fresh }) => fresh)).toHaveLength(1);
    expect(outcomes.filter(({ applied }) => applied > 0)).toHaveLength(1);
    expect(outcomes.every(({ refusal }) => refusal === null)).toBe(true);
    expect(await migrateExternal(store)).toEqual({ applied: 0, fresh: false, refusal: null });
  });

  it("leave nothing of one that fails, and continue with it", async () => {
    await expect(applyNext("CREATE TABLE half (a int);", "SELECT 1 / 0;")).rejects.toThrow(
      "division by zero",
    );
    expect(await columnsOf("half")).toEqual([]);
    await writeFile(join(folder, "next_0.sql"), "CREATE TABLE half (a int);");
    expect(await again()).toMatchObject({ applied: 1 });
    expect(await columnsOf("half")).toEqual(["a"]);
  });

  it("do not make others wait behind a lock that they wait for", async () => {
    const [long, reader] = [await session(), await session()];
    await long.query("BEGIN");
    await long.query("SELECT * FROM half");
    const migrated = applyNext("ALTER TABLE half ADD COLUMN b int;");
    const waiting =
      "SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'";
    await expect.poll(async () => (await postgres.run("edge", waiting))[0]).toEqual({ n: 1 });
    // The reader waits behind the migration, which gives up before the long transaction ends.
    expect((await reader.query("SELECT * FROM half")).rows).toEqual([]);
    expect(await columnsOf("half")).toEqual(["a"]);
    await long.query("COMMIT");
    expect(await migrated).toMatchObject({ applied: 1 });
    expect(await columnsOf("half")).toEqual(["a", "b"]);
  });

  it("can make an index without locking its table", async () => {
    await applyNext(
      "-- each statement by itself\nDROP INDEX CONCURRENTLY IF EXISTS half_a;",
      "CREATE INDEX CONCURRENTLY half_a ON half (a);",
    );
    const valid = "SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = 'half_a'::regclass";
    expect(await postgres.run("edge", valid)).toEqual([{ valid: true }]);
  });
});
