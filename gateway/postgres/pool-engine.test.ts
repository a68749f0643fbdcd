import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { newDataDir } from "../testing/test-gateway.ts";
import { type EmbeddedServer, startEmbeddedServer } from "./embedded/server.ts";
import { PoolEngine, type PoolLimits } from "./pool-engine.ts";

describe("a pool of sessions", () => {
  let dataDir: string;
  let server: EmbeddedServer;
  let engine: PoolEngine | undefined;

  beforeAll(async () => {
    dataDir = await newDataDir();
    server = await startEmbeddedServer(join(dataDir, "postgres"));
  });
  afterEach(() => engine?.close());
  afterAll(async () => {
    await server.stop();
    await rm(dataDir, { recursive: true });
  });

  const open = (limits: Partial<PoolLimits>) => {
    engine = new PoolEngine(server.connectionString, limits);
    return engine;
  };
  const select = (what: string) => ({ sql: `SELECT ${what}`, params: [] });

  it("ends a statement that runs too long, alone and in a transaction", async () => {
    const pool = open({ statementMs: 50 });
    const tooLate = { name: "PostgresError", report: { code: "57014" } };
    await expect(pool.query(select("pg_sleep(60)"))).rejects.toMatchObject(tooLate);
    await expect(pool.transaction([select("1"), select("pg_sleep(60)")], {})).rejects.toMatchObject(tooLate);
  });

  it("lets some requests wait for a session and refuses more", async () => {
    const pool = open({ sessions: 1, waiting: 2 });
    await pool.ping();
    const outcomes = await Promise.allSettled(
      [1, 2, 3, 4].map((n) => pool.query(select(`${n}::text, pg_sleep(0.01)`))),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "rejected"]);
    expect(outcomes[2]).toMatchObject({ reason: { report: { code: "53300" } } });
  });

  it("prepares a statement once in each session", async () => {
    const pool = open({ sessions: 1 });
    for (let round = 0; round < 3; round += 1) {
      await pool.transaction([select("'planned once'"), select("'and this'")], {});
    }
    const { rows } = await pool.query({
      sql: "SELECT statement, generic_plans + custom_plans FROM pg_prepared_statements WHERE statement LIKE $1 ORDER BY 1",
      params: ["SELECT '%"],
    });
    expect(rows).toEqual([
      ["SELECT 'and this'", "3"],
      ["SELECT 'planned once'", "3"],
    ]);
  });

  it("replaces a session that holds many statements", async () => {
    const pool = open({ sessions: 1 });
    const backend = async () => (await pool.query(select("pg_backend_pid()"))).rows[0]?.[0];
    const first = await backend();
    for (let n = 0; n < 300; n += 1) await pool.query(select(`'number ${n}'`));
    expect(await backend()).not.toBe(first);
    const { rows } = await pool.query(select("count(*) FROM pg_prepared_statements"));
    expect(Number(rows[0]?.[0])).toBeLessThan(256);
  });

  it("keeps its session through errors", async () => {
    const pool = open({ sessions: 1 });
    const backend = async () => (await pool.query(select("pg_backend_pid()"))).rows[0]?.[0];
    const first = await backend();
    await expect(pool.query(select("1 / 0"))).rejects.toMatchObject({ report: { code: "22012" } });
    await expect(pool.transaction([select("1"), select("1 / 0")], {})).rejects.toMatchObject({
      report: { code: "22012" },
    });
    expect(await backend()).toBe(first);
  });
});
