import { NeonDbError } from "@neondatabase/serverless";
import { eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/neon-http";
import { bigint, jsonb, pgTable, text, timestamp } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  CREDENTIALS,
  type OpenEngines,
  sqlClient,
  startTestGateway,
  type TestGateway,
} from "../testing/test-gateway.ts";

/** The tests that the SQL protocol must pass on every Postgres, through the published client. They make tables of their own. */
export function sqlConformance(name: string, open: OpenEngines): void {
  describe(`the SQL protocol on ${name}`, () => {
    let gateway: TestGateway;

    beforeAll(async () => {
      gateway = await startTestGateway(open);
      await sqlClient(gateway.url)`CREATE TABLE people (
      id int PRIMARY KEY, name text NOT NULL CONSTRAINT name_is_given CHECK (name <> ''))`;
    });
    afterAll(() => gateway.close());

    const sql = () => sqlClient(gateway.url);
    const failureOf = async (work: PromiseLike<unknown>): Promise<NeonDbError> => {
      const error = await work.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (!(error instanceof NeonDbError)) throw new Error(`Expected a NeonDbError, got ${String(error)}`);
      return error;
    };

    describe("values", () => {
      it("round trip as parameters and results", async () => {
        const at = new Date("2026-02-03T04:05:06.789Z");
        const bytes = Buffer.from([0, 1, 127, 128, 255]);
        const odd = "é 😀 \u2028 \"'\\ \n";
        const [row] = await sql()`SELECT
        ${odd}::text AS text, ${""}::text AS empty, ${null}::text AS nothing, ${42}::int AS int, ${true}::bool AS yes,
        ${"9007199254740993"}::bigint AS bigint, ${0.1}::float8 AS float, ${"1.10"}::numeric AS numeric,
        ${at}::timestamptz AS at, ${bytes}::bytea AS bytes, ${{ a: [1, odd] }}::jsonb AS jsonb,
        ${["a", odd, null, 'say "hi"']}::text[] AS texts, ${[1, 2]}::int[] AS ints, ${[]}::int[] AS none`;
        expect(row).toEqual({
          ...{
            text: odd,
            empty: "",
            nothing: null,
            int: 42,
            yes: true,
            bigint: "9007199254740993",
            float: 0.1,
          },
          ...{
            numeric: "1.10",
            at,
            bytes,
            jsonb: { a: [1, odd] },
            texts: ["a", odd, null, 'say "hi"'],
            ints: [1, 2],
          },
          none: [],
        });
      });

      it("have the type that the statement gives to its parameter", async () => {
        expect(await sql()`SELECT ${"7"} + 1 AS sum, 'a' || ${5} AS text`).toEqual([{ sum: 8, text: "a5" }]);
        expect(
          await sql()`SELECT a FROM unnest(${["3", "4"]}::bigint[]) AS a WHERE a = ANY(${[4, 5]})`,
        ).toEqual([{ a: "4" }]);
      });

      it("are returned as arrays and with their fields on request", async () => {
        const query = sql().query("SELECT 1 AS a, 'x' AS a", [], { arrayMode: true, fullResults: true });
        expect(await query).toMatchObject({
          command: "SELECT",
          rowCount: 1,
          rows: [[1, "x"]],
          fields: [
            { name: "a", dataTypeID: 23 },
            { name: "a", dataTypeID: 25 },
          ],
        });
      });

      it("are in Postgres' text format on the wire", async () => {
        const query = sql().query(
          `SELECT timestamptz '2026-02-03 04:05:06.789+09' AS at, timestamp 'infinity' AS never, date '2026-02-03' AS day,
          interval '1 day 2 hours' AS span, 1.10::numeric AS amount, true AS yes, ARRAY[1, NULL] AS ints,
          '{"b": 1, "a": [null]}'::jsonb AS json, '\\x00ff'::bytea AS bytes, 0.1::float8 + 0.2 AS sum, NULL AS nothing`,
          [],
          { types: { getTypeParser: () => (value: string) => value } },
        );
        expect(await query).toEqual([
          {
            at: "2026-02-02 19:05:06.789+00",
            never: "infinity",
            day: "2026-02-03",
            span: "1 day 02:00:00",
            amount: "1.10",
            yes: "t",
            ints: "{1,NULL}",
            json: '{"a": [null], "b": 1}',
            bytes: "\\x00ff",
            sum: "0.30000000000000004",
            nothing: null,
          },
        ]);
      });

      it("are as many as the wire protocol can count", async () => {
        const params = Array.from({ length: 65_535 }, (_, n) => String(n));
        const list = params.map((_, n) => `$${n + 1}`).join(",");
        const text = `SELECT cardinality(ARRAY[${list}]::text[]) AS n, $65535 AS last`;
        expect(await sql().query(text, params)).toEqual([{ n: 65_535, last: "65534" }]);
        expect((await failureOf(sql().query("SELECT 1", [...params, "x"]))).code).toBe("08P01");
      });

      it("compare and fold the same on every machine", async () => {
        const [row] = await sql()`SELECT lower('ÀÉЖ') AS lower, 'É' ILIKE 'é' AS same,
        array_agg(word ORDER BY word) AS sorted FROM unnest(ARRAY['b', 'é', 'B', 'a', '中']) AS word`;
        expect(row).toEqual({ lower: "àéж", same: true, sorted: ["B", "a", "b", "é", "中"] });
      });

      it("may be long, in many rows", async () => {
        const rows = await sql()`SELECT n, repeat('é', 1000) AS text FROM generate_series(1, 5000) AS n`;
        expect(rows).toHaveLength(5_000);
        expect(rows.at(-1)).toEqual({ n: 5_000, text: "é".repeat(1_000) });
        const long = "x".repeat(2_000_000);
        expect(await sql()`SELECT length(${long}) AS length`).toEqual([{ length: long.length }]);
      });
    });

    describe("transactions", () => {
      const names = async () => (await sql()`SELECT name FROM people ORDER BY id`).map(({ name }) => name);

      it("commit all of their statements", async () => {
        const results = await sql().transaction((tx) => [
          tx`INSERT INTO people VALUES (1, ${"Ann"})`,
          tx`INSERT INTO people VALUES (2, 'Ben') RETURNING id`,
          tx`SELECT count(*)::int AS n FROM people`,
        ]);
        expect(results).toEqual([[], [{ id: 2 }], [{ n: 2 }]]);
        expect(await names()).toEqual(["Ann", "Ben"]);
      });

      it("roll back all statements when one fails, and leave the database usable", async () => {
        const error = await failureOf(
          sql().transaction((tx) => [
            tx`INSERT INTO people VALUES (3, 'Cid')`,
            tx`INSERT INTO people VALUES (1, 'twice')`,
            tx`INSERT INTO people VALUES (4, 'Dan')`,
          ]),
        );
        expect(error.code).toBe("23505");
        expect(await names()).toEqual(["Ann", "Ben"]);
      });

      it("have the requested isolation level", async () => {
        const settings = async (options: object) => {
          const [[row] = []] = await sql().transaction(
            (tx) => [
              tx`SELECT current_setting('transaction_isolation') AS isolation,
              current_setting('transaction_read_only') AS only, current_setting('transaction_deferrable') AS deferrable`,
            ],
            options,
          );
          return row;
        };
        expect(await settings({})).toEqual({ isolation: "read committed", only: "off", deferrable: "off" });
        expect(await settings({ isolationLevel: "Serializable", readOnly: true, deferrable: true })).toEqual({
          isolation: "serializable",
          only: "on",
          deferrable: "on",
        });
        expect(await settings({ isolationLevel: "RepeatableRead", readOnly: false })).toMatchObject({
          isolation: "repeatable read",
        });
        const write = sql().transaction((tx) => [tx`INSERT INTO people VALUES (9, 'x')`], { readOnly: true });
        expect((await failureOf(write)).code).toBe("25006");
      });

      it("do not mix with concurrent requests", async () => {
        await sql()`CREATE TABLE counter (n int)`;
        await sql()`INSERT INTO counter VALUES (0)`;
        const transfers = Array.from({ length: 20 }, () =>
          sql().transaction((tx) => [
            tx`UPDATE counter SET n = n + 1`,
            tx`UPDATE counter SET n = n + 1`,
            tx`SELECT n % 2 AS odd FROM counter`,
          ]),
        );
        const reads = Array.from({ length: 20 }, () => sql()`SELECT n % 2 AS odd FROM counter`);
        expect((await Promise.all(transfers)).map(([, , rows]) => rows)).toEqual(
          Array(20).fill([{ odd: 0 }]),
        );
        expect(await Promise.all(reads)).toEqual(Array(20).fill([{ odd: 0 }]));
      });
    });

    describe("concurrent transactions", () => {
      beforeAll(async () => {
        await sql()`CREATE TABLE accounts (id int PRIMARY KEY, n int NOT NULL)`;
        // Changes of a sequence are visible to all transactions at once, unlike changes of a table.
        await sql()`CREATE SEQUENCE arrived MINVALUE 0`;
        await sql()`CREATE SEQUENCE gate MINVALUE 0`;
        await sql()`CREATE FUNCTION wait_at_gate() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
        PERFORM nextval('arrived');
        WHILE (SELECT last_value = 0 FROM gate) LOOP PERFORM pg_sleep(0.005); END LOOP;
      END $$`;
      });
      beforeEach(async () => {
        await sql().transaction((tx) => [
          tx`DELETE FROM accounts`,
          tx`INSERT INTO accounts VALUES (1, 0), (2, 0)`,
          tx`SELECT setval('gate', 0), setval('arrived', 0, false)`,
        ]);
      });

      const PATIENCE = { timeout: 10_000 };
      const balances = async () => (await sql()`SELECT n FROM accounts ORDER BY id`).map(({ n }) => n);
      const openGate = () => sql()`SELECT setval('gate', 1)`;
      const atGate = (count: number) =>
        expect
          .poll(
            async () => (await sql()`SELECT last_value FROM arrived WHERE is_called`)[0]?.last_value,
            PATIENCE,
          )
          .toBe(String(count - 1));
      const waitingForLocks = async () =>
        (await sql()`SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted`)[0]?.n;

      it("overlap, and wait for each other's rows", async () => {
        const first = sql().transaction((tx) => [
          tx`UPDATE accounts SET n = 1 WHERE id = 1`,
          tx`SELECT wait_at_gate()`,
        ]);
        const both = [first];
        await atGate(1);
        both.push(sql().transaction((tx) => [tx`UPDATE accounts SET n = n + 10 WHERE id = 1 RETURNING n`]));
        await expect.poll(waitingForLocks, PATIENCE).toBe(1);
        expect(await balances()).toEqual([0, 0]);
        await openGate();
        expect((await Promise.all(both))[1]).toEqual([[{ n: 11 }]]);
      });

      it("that deadlock continue after one of them has failed", async () => {
        const transfer = (from: number, to: number) =>
          sql().transaction((tx) => [
            tx`UPDATE accounts SET n = n - 1 WHERE id = ${from}`,
            tx`SELECT wait_at_gate()`,
            tx`UPDATE accounts SET n = n + 1 WHERE id = ${to}`,
          ]);
        // Settled from the start: one may fail while the test still waits for something else.
        const both = Promise.allSettled([transfer(1, 2), transfer(2, 1)]);
        await atGate(2);
        await openGate();
        const failures = (await both).flatMap((outcome) =>
          outcome.status === "rejected" ? [outcome.reason] : [],
        );
        expect(failures).toEqual([expect.any(NeonDbError)]);
        expect(failures[0]).toMatchObject({ severity: "ERROR", code: "40P01", detail: expect.any(String) });
        expect((await balances()).toSorted()).toEqual([-1, 1]);
      });

      it.each([
        ["ReadCommitted", 0, 5],
        ["RepeatableRead", 0, 0],
      ] as const)("see each other's commits as %s allows", async (isolationLevel, before, after) => {
        const reading = sql().transaction(
          (tx) => [
            tx`SELECT n FROM accounts WHERE id = 1`,
            tx`SELECT wait_at_gate()`,
            tx`SELECT n FROM accounts WHERE id = 1`,
          ],
          { isolationLevel },
        );
        await atGate(1);
        await sql()`UPDATE accounts SET n = 5 WHERE id = 1`;
        await openGate();
        const [first, , second] = await reading;
        expect([first, second]).toEqual([[{ n: before }], [{ n: after }]]);
      });

      it("that are serializable fail when no serial order has the same result", async () => {
        const write = (id: number) =>
          sql().transaction(
            (tx) => [
              tx`SELECT sum(n) FROM accounts`,
              tx`SELECT wait_at_gate()`,
              tx`UPDATE accounts SET n = n + 1 WHERE id = ${id}`,
            ],
            { isolationLevel: "Serializable" },
          );
        // Settled from the start: one may fail before the gate's own statement returns.
        const both = Promise.allSettled([write(1), write(2)]);
        await atGate(2);
        await openGate();
        const outcomes = await both;
        const failures = outcomes.flatMap((outcome) =>
          outcome.status === "rejected" ? [outcome.reason] : [],
        );
        expect(failures).toMatchObject([{ code: "40001" }]);
        expect((await balances()).toSorted()).toEqual([0, 1]);
      });
    });

    describe("the session", () => {
      it("keeps no open transaction for the next request", async () => {
        await sql()`BEGIN`;
        await sql()`CREATE TABLE stays (n int)`;
        expect(await failureOf(sql()`SELECT 1 / 0`)).toMatchObject({ code: "22012" });
        expect(await sql()`SELECT count(*)::int AS n FROM stays`).toEqual([{ n: 0 }]);
      });

      it("limits how long a statement runs", async () => {
        expect(await sql()`SHOW statement_timeout`).toEqual([{ statement_timeout: "30s" }]);
        const slow = sql().transaction((tx) => [
          tx`SET LOCAL statement_timeout = 50`,
          tx`SELECT pg_sleep(60)`,
        ]);
        expect((await failureOf(slow)).code).toBe("57014");
        expect(await sql()`SHOW statement_timeout`).toEqual([{ statement_timeout: "30s" }]);
      });

      it("refuses a copy, for which this protocol carries no data", async () => {
        for (let round = 0; round < 10; round += 1) {
          expect((await failureOf(sql()`COPY people FROM STDIN`)).code).toBe("57014");
        }
        expect(await sql()`SELECT 1 AS one`).toEqual([{ one: 1 }]);
      });

      it("fails its request when it is lost, and is replaced", async () => {
        const lost = sql()`SELECT pg_terminate_backend(pg_backend_pid())`;
        expect(await failureOf(lost)).toMatchObject({ severity: "FATAL", code: "57P01" });
        expect(await sql()`SELECT 1 AS one`).toEqual([{ one: 1 }]);
      });

      it("keeps no setting for the next request", async () => {
        await sql()`SET TIME ZONE 'Asia/Tokyo'`;
        await sql()`PREPARE p AS SELECT 1`;
        expect(await sql()`SHOW TIME ZONE`).toEqual([{ TimeZone: "UTC" }]);
        expect((await failureOf(sql()`EXECUTE p`)).code).toBe("26000");
      });
    });

    describe("a repeated statement", () => {
      it("works after other sessions have changed its table, in every session", async () => {
        await sql()`CREATE TABLE shared (a int)`;
        await sql()`INSERT INTO shared VALUES (1)`;
        const readAtOnce = () => Promise.all(Array.from({ length: 8 }, () => sql()`SELECT * FROM shared`));
        await readAtOnce();
        await sql()`ALTER TABLE shared ADD COLUMN b text DEFAULT 'new'`;
        expect(await readAtOnce()).toEqual(Array(8).fill([{ a: 1, b: "new" }]));
      });

      it("works after its table has changed", async () => {
        await sql()`CREATE TABLE changing (a int)`;
        const read = () => sql()`SELECT * FROM changing`;
        await read();
        await sql()`INSERT INTO changing VALUES (1)`;
        await sql()`ALTER TABLE changing ADD COLUMN b text DEFAULT 'new'`;
        expect(await read()).toEqual([{ a: 1, b: "new" }]);
        await sql().transaction((tx) => [tx`ALTER TABLE changing DROP COLUMN a`, tx`SELECT * FROM changing`]);
        expect(await read()).toEqual([{ b: "new" }]);
      });

      it("works after it has failed, alone and in a transaction", async () => {
        await sql()`CREATE TABLE quotients (n int)`;
        const divide = (by: number) => sql()`INSERT INTO quotients SELECT 10 / ${by}::int RETURNING n`;
        const unparsable = () => sql()`SELECT FROM WHERE`;
        expect((await failureOf(divide(0))).code).toBe("22012");
        expect(await divide(5)).toEqual([{ n: 2 }]);
        expect((await failureOf(divide(0))).code).toBe("22012");
        for (const code of ["42601", "42601"]) expect((await failureOf(unparsable())).code).toBe(code);
        const both = (by: number) => sql().transaction([sql()`SELECT 'never asked before'`, divide(by)]);
        expect((await failureOf(both(0))).code).toBe("22012");
        expect(await both(2)).toEqual([[expect.anything()], [{ n: 5 }]]);
      });

      it("works when there are more statements than a session keeps", async () => {
        for (let round = 0; round < 2; round += 1) {
          const asked = Array.from({ length: 300 }, (_, n) => sql().query(`SELECT ${n} AS n`));
          expect((await Promise.all(asked)).map(([row]) => row?.n)).toEqual([...Array(300).keys()]);
        }
      });
    });

    describe("errors", () => {
      it("have all fields of Postgres' report", async () => {
        expect(await failureOf(sql()`INSERT INTO people VALUES (5, '')`)).toMatchObject({
          message: 'new row for relation "people" violates check constraint "name_is_given"',
          ...{
            severity: "ERROR",
            code: "23514",
            schema: "public",
            table: "people",
            constraint: "name_is_given",
          },
          detail: expect.stringContaining("(5, )"),
        });
        expect(await failureOf(sql()`SELECT nam FROM people`)).toMatchObject({
          ...{
            code: "42703",
            position: "8",
            hint: 'Perhaps you meant to reference the column "people.name".',
          },
        });
      });

      it("report a wrong password", async () => {
        expect(await failureOf(sqlClient(gateway.url, "a-wrong-password")`SELECT 1`)).toMatchObject({
          code: "28P01",
        });
      });

      it("report a body over the limit", async () => {
        const long = "x".repeat(17 * 1024 * 1024);
        expect(await failureOf(sql()`SELECT ${long}`)).toMatchObject({ code: "54000" });
      });

      it.each([
        "{",
        "[]",
        '{"query":1}',
        '{"query":"SELECT 1\\u0000"}',
        '{"queries":[{}]}',
        '{"query":"SELECT 1","params":[{}]}',
      ])("report a body that cannot be read: %s", async (body) => {
        const response = await fetch(`${gateway.url}/sql`, {
          method: "POST",
          headers: {
            "Neon-Connection-String": `postgresql://u:${encodeURIComponent(CREDENTIALS.database)}@h/d`,
            "Neon-Raw-Text-Output": "true",
          },
          body,
        });
        expect(response.status).toBe(400);
        expect(await response.json()).toMatchObject({ code: "08P01", message: expect.any(String) });
      });
    });

    describe("with Drizzle", () => {
      const notes = pgTable("notes", {
        id: bigint({ mode: "bigint" }).primaryKey(),
        body: text().notNull(),
        tags: text().array().notNull(),
        extra: jsonb(),
        at: timestamp({ withTimezone: true }).notNull(),
      });

      it("reads its own writes, alone and in a batch", async () => {
        const db = drizzle({ client: sql() });
        await db.execute(
          "CREATE TABLE notes (id bigint PRIMARY KEY, body text, tags text[], extra jsonb, at timestamptz)",
        );
        const note = {
          id: 2n ** 62n,
          body: "é",
          tags: ["a", "b,c"],
          extra: { deep: [null, 1] },
          at: new Date(1234567),
        };
        expect(await db.insert(notes).values(note).returning()).toEqual([note]);
        const [found, updated] = await db.batch([
          db.select().from(notes).where(eq(notes.id, note.id)),
          db.update(notes).set({ extra: null }).returning({ extra: notes.extra }),
        ]);
        expect(found).toEqual([note]);
        expect(updated).toEqual([{ extra: null }]);
      });
    });
  });
}
