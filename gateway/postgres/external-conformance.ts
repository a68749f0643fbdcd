import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openEngines } from "../engines.ts";
import { type PostgresPrograms, type RealPostgres, startRealPostgres } from "../testing/real/postgres.ts";
import { type OpenEngines, sqlClient, startTestGateway, type TestGateway } from "../testing/test-gateway.ts";
import { sqlConformance } from "./conformance.ts";
import { type PostgresStore, postgresStore } from "./settings.ts";

const LOGIN = "edge:a-password";

/** A user who may create tables, as the conformance tests do, and nothing else. */
const MAKE_USER = [
  "CREATE ROLE edge LOGIN PASSWORD 'a-password' CONNECTION LIMIT 10",
  "CREATE DATABASE edge ENCODING 'UTF8' TEMPLATE template0",
];
const GRANTS = ["GRANT CREATE ON SCHEMA public TO edge"];

/** The tests on a Postgres server that is not the gateway's own. One a file: Drizzle changes Neon's client for all. */
export function externalConformance(
  name: string,
  programs: PostgresPrograms | "embedded",
  tls: boolean,
): void {
  describe(name, () => {
    let postgres: RealPostgres;
    let gateway: TestGateway | undefined;
    beforeAll(async () => {
      postgres = await startRealPostgres(programs, { tls });
      await postgres.run("postgres", ...MAKE_USER);
      await postgres.run("edge", ...GRANTS);
    });
    afterEach(async () => {
      await gateway?.close();
      gateway = undefined;
    });
    afterAll(() => postgres.remove());

    const store = (parameters: Record<string, string> = {}): PostgresStore => {
      const trust = postgres.certificate && {
        sslmode: "verify-full",
        sslrootcert: postgres.certificate.certificate,
      };
      const url = postgres.url({ login: LOGIN, database: "edge", parameters: { ...trust, ...parameters } });
      const parsed = postgresStore({ DATABASE_URL: url, DATABASE_CONNECTIONS: 8 });
      if (parsed === undefined) throw new Error("The URL of the test's Postgres is not valid");
      return parsed;
    };
    const open: OpenEngines = (config) =>
      openEngines({ ...config, stores: { ...config.stores, postgres: store() } });

    sqlConformance(name, open);

    it("has the same formats whatever the user has set", async () => {
      await postgres.run(
        "postgres",
        "ALTER ROLE edge SET timezone = 'Asia/Tokyo'",
        "ALTER ROLE edge SET datestyle = 'German'",
        "ALTER ROLE edge SET intervalstyle = 'iso_8601'",
      );
      gateway = await startTestGateway(open);
      const [row] = await sqlClient(gateway.url)`SELECT
      '2026-02-03 04:05:06+09'::timestamptz::text AS at, '1 day'::interval::text AS span,
      current_setting('application_name') AS name`;
      expect(row).toEqual({ at: "2026-02-02 19:05:06+00", span: "1 day", name: "gateway" });
    });

    it("fails requests while it is away, and serves them when it is back", async () => {
      gateway = await startTestGateway(open);
      const sql = sqlClient(gateway.url);
      await sql`SELECT 1`;
      const running = expect(sql`SELECT pg_sleep(20)`).rejects.toMatchObject({
        code: expect.stringMatching(/^(57P|08)/),
      });
      await expect
        .poll(
          async () =>
            (await sql`SELECT count(*)::int AS n FROM pg_stat_activity WHERE query LIKE '%pg_sleep(20)'`)[0],
        )
        .toEqual({ n: 1 });
      await postgres.stop();
      await running;
      // 08001 without a session, 08007 on one that has not noticed yet.
      await expect(sql`SELECT 1`).rejects.toMatchObject({ code: expect.stringMatching(/^0800[17]$/) });
      expect((await fetch(`${gateway.url}/health`)).status).toBe(503);
      await postgres.start();
      await expect
        .poll(() => sql`SELECT 1 AS one`.then(([row]) => row, String), { timeout: 10_000 })
        .toEqual({ one: 1 });
    });
  });
}
