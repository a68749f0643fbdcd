import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { neon } from "@neondatabase/serverless";
import { Kafka } from "@upstash/kafka";
import { Redis } from "@upstash/redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConfigError } from "../config.ts";
import {
  CREDENTIALS,
  ENGINE_KINDS,
  newDataDir,
  redisClient,
  sqlClient,
  startTestGateway,
  type TestGateway,
  testConfig,
} from "../testing/test-gateway.ts";
import { Access } from "./access.ts";

const READER = { name: "reports", token: "token-of-the-reports", kafka: "read", redis: "read", sql: "read" };
const SHIPPER = { name: "shipper", token: "token-of-the-shipper", kafka: "write" };
const HASTY = { name: "hasty", token: "token-of-the-hasty-one", redis: "write", rate: 0.01, burst: 2 };

describe.each(ENGINE_KINDS)("further clients on %s engines", (_, open) => {
  let gateway: TestGateway;
  let folder: string;
  beforeAll(async () => {
    folder = await newDataDir();
    const file = join(folder, "clients.json");
    await writeFile(file, JSON.stringify([READER, SHIPPER, HASTY]));
    gateway = await startTestGateway(open, { GATEWAY_CLIENTS_FILE: file });
    await sqlClient(gateway.url)`CREATE TABLE things (n int)`;
    await redisClient(gateway.url).set("kept", "x");
  });
  afterAll(async () => {
    await gateway.close();
    await rm(folder, { recursive: true });
  });

  const kafka = ({ name: username, token: password }: typeof SHIPPER) =>
    new Kafka({ url: `${gateway.url}/kafka`, username, password });
  const redis = ({ token }: { token: string }) =>
    new Redis({ url: `${gateway.url}/redis`, token, enableTelemetry: false, retry: false });
  const sql = ({ token }: { token: string }) => neon(`postgresql://any:${token}@localhost/postgres`);
  const post = (path: string, token: string, body: unknown) =>
    fetch(`${gateway.url}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "neon-raw-text-output": "true" },
      body: JSON.stringify(body),
    });

  it("use the protocols to which they have a right, by name and token or by a bearer token", async () => {
    const { offset } = await kafka(SHIPPER).producer().produce("orders", "one");
    const response = await post("/kafka/fetch", READER.token, { topic: "orders", offset });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject([{ value: "one" }]);
    expect(await kafka(READER).consumer().fetch({ topic: "orders", partition: 0, offset })).toMatchObject([
      { value: "one" },
    ]);
    expect(await redis(READER).get("kept")).toBe("x");
    expect(await sql(READER)`SELECT count(*)::int AS n FROM things`).toEqual([{ n: 0 }]);
    expect((await post("/sql", READER.token, { query: "SELECT 1" })).status).toBe(200);
  });

  it("are refused with 401 when their token is wrong, and with 403 where they have no right", async () => {
    for (const [token, status, text] of [
      ["a-wrong-token-of-nobody", 401, { error: "WRONGPASS invalid or missing auth token" }],
      [SHIPPER.token, 403, { error: "NOPERM This token may not use redis" }],
    ] as const) {
      const response = await post("/redis", token, ["GET", "kept"]);
      expect(response.status).toBe(status);
      expect(await response.json()).toEqual(text);
    }
    const unknown = { result: "Failure", error: "Unauthorized", status: 401 };
    expect(await (await post("/kafka/topics", "a-wrong-token", {})).json()).toEqual(unknown);
    const forbidden = { result: "Failure", error: "This token may not use kafka", status: 403 };
    expect(await (await post("/kafka/fetch", HASTY.token, { topic: "a" })).json()).toEqual(forbidden);
    // A 400 with Postgres' code, because the client reads an error's code from no other status.
    await expect(sql({ token: "a-wrong-token" })`SELECT 1`).rejects.toMatchObject({ code: "28P01" });
    await expect(sql(SHIPPER)`SELECT 1`).rejects.toMatchObject({ code: "42501" });
    expect((await post("/sql", SHIPPER.token, { query: "SELECT 1" })).status).toBe(400);
  });

  it("cannot be used with the name of another one", async () => {
    const basic = Buffer.from(`${READER.name}:${SHIPPER.token}`).toString("base64");
    const headers = { authorization: `Basic ${basic}` };
    expect((await fetch(`${gateway.url}/kafka/topics`, { headers })).status).toBe(401);
  });

  it("change nothing in Kafka when they may only read, but may have consumer groups", async () => {
    const topic = "read-only";
    await kafka(SHIPPER).producer().produce(topic, "one");
    const consumer = kafka(READER).consumer();
    const own = { consumerGroupId: "reports", instanceId: "a" };
    const offset = { topic, partition: 0, offset: 1 };
    expect(await consumer.consume({ ...own, topics: [topic], autoOffsetReset: "earliest" })).toMatchObject([
      { value: "one" },
    ]);
    await consumer.commit({ ...own, offset });

    // Without the client, which tries again for a quarter of a minute whatever the error is.
    const refused = async (path: string, body: unknown) => {
      const response = await post(`/kafka/${path}`, READER.token, body);
      expect(await response.json()).toMatchObject({
        ...{ result: "Failure", status: 403 },
        error: expect.stringMatching(/^This token may only read: it may not /),
      });
    };
    await refused("produce", { topic, value: "x" });
    await refused("delete-consumer/reports/a", {});
    await refused("commit/task/a", [offset]);
    await refused("commit/%74ask/a", [offset]);
    await refused("consume/task/a", { topic });
    expect((await post("/kafka/%70roduce", READER.token, { topic, value: "x" })).status).not.toBe(200);
    const partitions = [{ topic, partition: 0 }];
    const committed = await post("/kafka/committed/task/a", READER.token, partitions);
    expect(await committed.json()).toEqual([]);
  });

  it("change nothing in Redis when they may only read: a request with a write runs none of its commands", async () => {
    const reader = redis(READER);
    await expect(reader.set("kept", "y")).rejects.toThrow(
      "NOPERM This token may only read: it may not run SET",
    );
    await expect(reader.pipeline().get("kept").del("kept").exec()).rejects.toThrow("it may not run DEL");
    await expect(reader.multi().get("kept").incr("n").exec()).rejects.toThrow("it may not run INCR");
    await expect(reader.eval("return redis.call('DEL', KEYS[1])", ["kept"], [])).rejects.toThrow("EVAL");
    await expect(reader.evalRo("return redis.call('DEL', KEYS[1])", ["kept"], [])).rejects.toThrow(
      "Write commands are not allowed from read-only scripts",
    );
    const inPath = await fetch(`${gateway.url}/redis/set/kept/y`, {
      headers: { authorization: `Bearer ${READER.token}` },
    });
    expect(inPath.status).toBe(403);
    expect(await reader.evalRo("return redis.call('GET', KEYS[1])", ["kept"], [])).toBe("x");
  });

  it("wait when they are over their rate", async () => {
    const hasty = () => post("/redis", HASTY.token, ["GET", "kept"]);
    // The burst has a request less since the one to Kafka above: requests of all protocols count.
    expect((await hasty()).status).toBe(200);
    const refused = await hasty();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(10);
    expect(await refused.json()).toEqual({
      error: expect.stringMatching(/^ERR Too many requests: try again in \d+ s$/),
    });
    const overKafka = await post("/kafka/topics", HASTY.token, {});
    expect(await overKafka.json()).toMatchObject({ result: "Failure", status: 429 });
    const overSql = await post("/sql", HASTY.token, { query: "SELECT 1" });
    expect(overSql.status).toBe(429);
    expect(await overSql.json()).toMatchObject({ code: "53400" });
    expect(await redisClient(gateway.url).get("kept")).toBe("x");
  });

  it.each([
    ["a write", ["INSERT INTO things VALUES (1)"]],
    ["a write in a SELECT", ["WITH new AS (INSERT INTO things VALUES (1) RETURNING n) SELECT n FROM new"]],
    ["a write after the end of the transaction", ["COMMIT", "INSERT INTO things VALUES (1)"]],
    ["a write after a hidden end", ["/* a /* b */ */ ; -- c\nROLLBACK", "INSERT INTO things VALUES (1)"]],
    [
      "a write in a transaction made to write",
      ["SET TRANSACTION READ WRITE", "INSERT INTO things VALUES (1)"],
    ],
    [
      "a write after a function that makes the transaction write",
      [
        "SELECT set_config('transaction_read_only', 'off', true)",
        "WITH new AS (INSERT INTO things VALUES (1) RETURNING n) SELECT n FROM new",
      ],
    ],
    ["a table", ["SELECT 1 AS n INTO other_things"]],
    ["a copy to a program", ["COPY things TO PROGRAM 'cat'"]],
    ["a lock of rows", ["SELECT n FROM things FOR UPDATE"]],
  ])("change nothing in Postgres when they may only read: %s", async (_name, statements) => {
    const reader = sql(READER);
    const all = statements.map((statement) => reader.query(statement));
    await expect(reader.transaction(all, { readOnly: false })).rejects.toMatchObject({
      code: expect.stringMatching(/^(42501|25006|25001)$/),
    });
    expect(await sqlClient(gateway.url)`SELECT count(*)::int AS n FROM things`).toEqual([{ n: 0 }]);
  });

  it("leave nothing in a session of Postgres when they may only read", async () => {
    const reader = sql(READER);
    for (let session = 0; session < 20; session += 1) {
      await reader`SELECT set_config('search_path', 'nowhere', false), pg_advisory_lock(7)`;
      await expect(
        reader`SELECT pg_advisory_lock(8), 1 / (n - n) FROM generate_series(1, 1) AS n`,
      ).rejects.toMatchObject({ code: "22012" });
    }
    const owner = sqlClient(gateway.url);
    expect(await owner`SELECT count(*)::int AS n FROM things`).toEqual([{ n: 0 }]);
    const [locks] = await owner`SELECT count(*)::int AS n FROM pg_locks WHERE locktype = 'advisory'`;
    expect(locks).toEqual({ n: 0 });
    expect(await reader`TABLE things`).toEqual([]);
    expect(await reader`(SELECT 1 AS n)`).toEqual([{ n: 1 }]);
    expect(await reader`EXPLAIN SELECT 1`).toHaveLength(1);
    expect(await reader`SHOW transaction_read_only`).toEqual([{ transaction_read_only: "on" }]);
  });
});

describe("limits of a request", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    const [, open] = ENGINE_KINDS[0] ?? [];
    if (open === undefined) throw new Error("no engines");
    gateway = await startTestGateway(open, {
      ...{ MAX_BODY_BYTES: "2000", MAX_COMMANDS: "2", MAX_STATEMENTS: "2", MAX_RECORDS: "2" },
      ...{ REQUEST_RATE: "1000", REQUEST_BURST: "1000" },
    });
  });
  afterAll(() => gateway.close());

  const sent = async (path: string, body: unknown, headers: Record<string, string>) => {
    const url = `${gateway.url}${path}`;
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
    return { status: response.status, body: await response.json() };
  };
  const basic = Buffer.from(`${CREDENTIALS.username}:${CREDENTIALS.kafka}`).toString("base64");

  it("are those of the settings, in each protocol", async () => {
    const [redis, kafka] = [`Bearer ${CREDENTIALS.redis}`, `Basic ${basic}`];
    const toRedis = (path: string, body: unknown) => sent(path, body, { authorization: redis });
    const toKafka = (path: string, body: unknown) => sent(path, body, { authorization: kafka });
    const toSql = (body: unknown) =>
      sent("/sql", body, {
        "neon-raw-text-output": "true",
        "neon-connection-string": `postgresql://a:${encodeURIComponent(CREDENTIALS.database)}@b/c`,
      });
    const long = "x".repeat(2_000);

    expect(await toRedis("/redis", ["SET", "a", long])).toEqual({
      status: 413,
      body: { error: "ERR The request body is larger than 2000 bytes" },
    });
    const ping = ["PING"];
    expect((await toRedis("/redis/pipeline", [ping, ping])).status).toBe(200);
    for (const path of ["/redis/pipeline", "/redis/multi-exec"]) {
      expect(await toRedis(path, [ping, ping, ping])).toEqual({
        status: 413,
        body: { error: "ERR The request has 3 commands: 2 are allowed" },
      });
    }

    const record = { topic: "a", value: "b" };
    const tooMany = {
      status: 413,
      body: { result: "Failure", error: expect.stringContaining("2 are"), status: 413 },
    };
    expect((await toKafka("/kafka/produce", [record, record])).status).toBe(200);
    expect(await toKafka("/kafka/produce", [record, record, record])).toEqual(tooMany);
    const partition = { topic: "a", partition: 0, offset: 0 };
    const partitions = [partition, partition, partition];
    expect(await toKafka("/kafka/fetch", { topicPartitionOffsets: partitions })).toEqual(tooMany);
    expect(await toKafka("/kafka/consume/g/i", { topics: ["a", "b", "c"] })).toEqual(tooMany);
    for (const path of ["commit/g/i", "committed/g/i", "offsets/latest"])
      expect(await toKafka(`/kafka/${path}`, partitions)).toEqual(tooMany);
    expect((await toKafka("/kafka/produce", { ...record, value: long })).status).toBe(413);

    const query = { query: "SELECT 1" };
    expect((await toSql({ queries: [query, query] })).status).toBe(200);
    expect(await toSql({ queries: [query, query, query] })).toMatchObject({
      status: 400,
      body: { code: "54000" },
    });
    expect(await toSql({ query: long })).toMatchObject({ status: 400, body: { code: "54000" } });
  });
});

describe("the rate of a client", () => {
  it("lets a burst through, and then as many as it says", () => {
    let now = 0;
    const rate = { perSecond: 2, burst: 3 };
    const client = {
      name: "a",
      token: "token-of-a-client",
      rights: { redis: "read", kafka: "read" },
      rate,
    } as const;
    const access = new Access([client], () => now);
    const gates = [access.gate("redis"), access.gate("kafka")];
    const admitted = (times: number) =>
      Array.from({ length: times }).filter((_, index) => {
        try {
          return gates[index % 2]?.byToken(client.token) === "read";
        } catch {
          return false;
        }
      }).length;
    expect(admitted(10)).toBe(3);
    now = 500;
    expect(admitted(10)).toBe(1);
    now = 60_000;
    expect(admitted(10)).toBe(3);
  });
});

describe("the file of clients", () => {
  const configWith = async (text: string) => {
    const folder = await newDataDir();
    try {
      const file = join(folder, "clients.json");
      await writeFile(file, text);
      testConfig({ GATEWAY_CLIENTS_FILE: file });
      return "";
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return error.message.replace(folder, "");
    } finally {
      await rm(folder, { recursive: true });
    }
  };

  it.each([
    ["[", "/clients.json is not JSON"],
    ["{}", "it Invalid input: expected array"],
    [JSON.stringify([{ ...READER, token: "short" }]), "0.token must have at least 16 characters"],
    [JSON.stringify([{ ...READER, sql: "all" }]), "0.sql must be read or write"],
    [JSON.stringify([{ ...READER, mongo: "read" }]), 'Unrecognized key: "mongo"'],
    [JSON.stringify([{ name: "a", token: READER.token }]), "0 must have a right to kafka, redis or sql"],
    [JSON.stringify([READER, { ...SHIPPER, name: READER.name }]), "1.name is the name of another client"],
    [JSON.stringify([READER, { ...SHIPPER, token: READER.token }]), "1.token is the token of another client"],
    [JSON.stringify([{ ...SHIPPER, burst: 3 }]), "0.burst has a meaning only with rate"],
    [
      JSON.stringify([{ ...SHIPPER, token: CREDENTIALS.redis }]),
      "the client shipper has the name or the token",
    ],
  ])("must be right: %s", async (text, sentence) => {
    const message = await configWith(text);
    expect(message).toContain(sentence);
    expect(message).toMatch(/^GATEWAY_CLIENTS_FILE: [^\n]+$/);
  });

  it("must exist", () => {
    expect(() => testConfig({ GATEWAY_CLIENTS_FILE: "/nowhere.json" })).toThrow(
      "/nowhere.json cannot be read",
    );
  });
});
