import { type ChildProcess, execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { startEmbeddedServer } from "./postgres/embedded/server.ts";
import { PoolEngine } from "./postgres/pool-engine.ts";
import { endOf, spawnGateway } from "./testing/gateway-process.ts";
import { kafkaClient, newDataDir, redisClient, sqlClient } from "./testing/test-gateway.ts";

describe("the gateway's process", () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  const dataDir = async () => {
    const folder = await newDataDir();
    cleanups.push(async () => {
      const left = await postmaster(folder).catch(() => undefined);
      if (left !== undefined) await expect.poll(() => isAlive(left.pid), { timeout: 10_000 }).toBe(false);
      await rm(folder, { recursive: true });
    });
    return folder;
  };
  const run = (environment: Record<string, string>): ChildProcess => {
    const child = spawnGateway(environment);
    cleanups.push(() => kill(child));
    return child;
  };
  const start = async (environment: Record<string, string>) => {
    const child = run(environment);
    return { child, url: await urlOf(child) };
  };

  it.each([
    ["it is killed", async () => []],
    ["it is killed with its Postgres", postgresProcesses],
  ])("loses no acknowledged write when %s, and starts again on its data", async (_, killedToo) => {
    const DATA_DIR = await dataDir();
    const first = await start({ DATA_DIR });
    await sqlClient(first.url)`CREATE TABLE kept (n int)`;
    const acknowledged = { produced: 0, inserted: 0 };
    const produce = async () => {
      const producer = kafkaClient(first.url).producer();
      for (;;) acknowledged.produced = (await producer.produce("kept", "x")).offset + 1;
    };
    const insert = async () => {
      const sql = sqlClient(first.url);
      const put = (n: number) => sql.transaction((tx) => [tx`INSERT INTO kept VALUES (${n})`, tx`SELECT 1`]);
      for (let n = 1; ; n += 1) {
        await put(n);
        acknowledged.inserted = n;
      }
    };
    const committed = {
      consumerGroupId: "task",
      instanceId: "any",
      offset: { topic: "kept", partition: 0, offset: 5 },
    };
    await kafkaClient(first.url).consumer().commit(committed);
    produce().catch(() => undefined);
    const inserting = insert().catch(() => undefined);
    await expect
      .poll(() => Math.min(acknowledged.produced, acknowledged.inserted), { timeout: 10_000 })
      .toBeGreaterThan(50);
    for (const pid of await killedToo(DATA_DIR)) process.kill(pid, "SIGKILL");
    await kill(first.child);
    await inserting;

    const second = await start({ DATA_DIR });
    const admin = kafkaClient(second.url).admin();
    const topicPartition = { topic: "kept", partition: 0 };
    const [end] = await admin.topicPartitionOffsets({ timestamp: "latest", topicPartition });
    expect(end?.offset).toBeGreaterThanOrEqual(acknowledged.produced);
    expect(await admin.committedOffsets({ ...committed, topicPartition })).toMatchObject([{ offset: 5 }]);
    const [{ count } = {}] = await sqlClient(second.url)`SELECT count(*)::int AS count FROM kept`;
    expect(count).toBeGreaterThanOrEqual(acknowledged.inserted);
  });

  it("ends cleanly on SIGTERM, completes waiting requests, and continues where it stopped", async () => {
    const DATA_DIR = await dataDir();
    const first = await start({ DATA_DIR });
    await kafkaClient(first.url).producer().produce("kept", "x");
    const waiting = kafkaClient(first.url)
      .consumer()
      .fetch({ topic: "none", partition: 0, offset: 0, timeout: 60_000 });
    await redisClient(first.url).ping();
    first.child.kill("SIGTERM");
    expect(await endOf(first.child)).toEqual({ code: 0, said: "" });
    expect(existsSync(join(DATA_DIR, "postgres/postmaster.pid"))).toBe(false);
    expect(await waiting).toEqual([]);

    const second = await start({ DATA_DIR });
    expect(await kafkaClient(second.url).producer().produce("kept", "y")).toMatchObject({ offset: 1 });
  });

  it("uses the Postgres of DATABASE_URL, and starts none of its own", async () => {
    const other = await startEmbeddedServer(join(await dataDir(), "other"));
    cleanups.push(() => other.stop());
    const DATA_DIR = await dataDir();
    const { url } = await start({ DATA_DIR, DATABASE_URL: other.connectionString });
    await sqlClient(url)`CREATE TABLE kept AS SELECT 7 AS n`;
    const engine = new PoolEngine(other.connectionString);
    expect((await engine.query({ sql: "SELECT n FROM kept", params: [] })).rows).toEqual([["7"]]);
    await engine.close();
    expect(existsSync(join(DATA_DIR, "postgres"))).toBe(false);
  });

  it("ends its Postgres too when it is killed", async () => {
    const DATA_DIR = await dataDir();
    const { child } = await start({ DATA_DIR });
    const { pid, sockets } = await postmaster(DATA_DIR);
    await kill(child);
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
    await expect.poll(() => existsSync(sockets), { timeout: 10_000 }).toBe(false);
  });

  it("ends a Postgres that was left behind, and starts its own", async () => {
    const DATA_DIR = await dataDir();
    const first = await start({ DATA_DIR });
    await sqlClient(first.url)`CREATE TABLE kept AS SELECT 7 AS n`;
    const { pid, sockets } = await postmaster(DATA_DIR);
    for (const watchdog of await watchdogsOf(pid)) process.kill(watchdog, "SIGKILL");
    await kill(first.child);
    expect(isAlive(pid)).toBe(true);

    const second = await start({ DATA_DIR });
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(sockets)).toBe(false);
    expect(await sqlClient(second.url)`SELECT n FROM kept`).toEqual([{ n: 7 }]);
  });

  it("ends with an error when its Postgres does, so that both are started again", async () => {
    const DATA_DIR = await dataDir();
    const { child } = await start({ DATA_DIR });
    const end = endOf(child);
    for (const pid of await postgresProcesses(DATA_DIR)) process.kill(pid, "SIGKILL");
    expect(await end).toMatchObject({ code: 1, said: expect.stringContaining("Postgres has ended") });
  });

  it("reports a database of an older kind in one sentence", async () => {
    const DATA_DIR = await dataDir();
    await mkdir(join(DATA_DIR, "postgres"));
    await writeFile(join(DATA_DIR, "postgres/PG_VERSION"), "18\n");
    const { code, said } = await endOf(run({ DATA_DIR }));
    expect(code).toBe(1);
    expect(said).toBe(
      `The database in ${join(DATA_DIR, "postgres")} is of an older kind that cannot be opened: ` +
        "move the folder away or delete it, and a new one is made",
    );
  });

  it("refuses a data folder that another gateway uses", async () => {
    const DATA_DIR = await dataDir();
    await start({ DATA_DIR });
    const { code, said } = await endOf(run({ DATA_DIR }));
    expect(code).toBe(1);
    expect(said).toMatch(/^Another gateway already uses the data folder [^\n]+$/);
  });

  it("reports a taken port in one sentence", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    cleanups.push(async () => server.close());
    const address = server.address();
    const GATEWAY_PORT = typeof address === "object" ? String(address?.port) : "";
    const { code, said } = await endOf(run({ DATA_DIR: await dataDir(), GATEWAY_PORT }));
    expect(code).toBe(1);
    expect(said).toBe(`Port ${GATEWAY_PORT} is taken: set GATEWAY_PORT to a free one`);
  });

  it("reports a Kafka that cannot be reached in one sentence", async () => {
    const { code, said } = await endOf(run({ DATA_DIR: await dataDir(), KAFKA_BROKERS: "127.0.0.1:1" }));
    expect(code).toBe(1);
    expect(said).toBe("KAFKA_BROKERS: nothing listens at 127.0.0.1:1");
  });

  it.each([
    [{ GATEWAY_PORT: "http" }, /^GATEWAY_PORT: /],
    [{ REDIS_REST_TOKEN: "short" }, /^REDIS_REST_TOKEN: must have at least 16 characters$/],
    [{ DATABASE_PASSWORD: "" }, /^DATABASE_PASSWORD: is required$/],
    [{ DATABASE_URL: "mysql://localhost" }, /^DATABASE_URL: must be a postgresql:\/\/ URL$/],
    [{ DATABASE_CONNECTIONS: "0" }, /^DATABASE_CONNECTIONS: must be at least 1$/],
    [{ KAFKA_BROKERS: "localhost" }, /^KAFKA_BROKERS: must be addresses like/],
    [{ KAFKA_TLS: "yes" }, /^KAFKA_TLS: must be on or off$/],
    [
      { KAFKA_BROKERS: "k:9092", KAFKA_USERNAME: "me" },
      /^KAFKA_SASL_MECHANISM: is required with KAFKA_USERNAME/,
    ],
    [
      { KAFKA_BROKERS: "k:9092", KAFKA_SASL_MECHANISM: "PLAIN", KAFKA_USERNAME: "me" },
      /^KAFKA_PASSWORD: is required/,
    ],
    [
      { KAFKA_BROKERS: "k:9092", KAFKA_CA_FILE: "ca.pem" },
      /^KAFKA_CA_FILE: has a meaning only with KAFKA_TLS=on$/,
    ],
    [{ REDIS_URL: "http://localhost" }, /^REDIS_URL: must be a redis:\/\/ or rediss:\/\/ URL/],
    [{ LOG_RETENTION_HOURS: "0" }, /^LOG_RETENTION_HOURS: /],
  ])("names a wrong setting: %o", async (environment, sentence) => {
    const { code, said } = await endOf(run({ DATA_DIR: await dataDir(), ...environment }));
    expect(code).toBe(2);
    expect(said).toMatch(sentence);
    expect(said.split("\n")).toHaveLength(1);
  });
});

async function urlOf(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("The gateway's output is not read");
  for await (const line of createInterface({ input: child.stdout })) {
    const { event, url } = JSON.parse(line);
    if (event === "gateway listening") return url;
  }
  throw new Error("The gateway ended before it listened");
}

/** The process id of a data folder's server, and the folder of its socket, from `postmaster.pid`. */
async function postmaster(dataDir: string): Promise<{ pid: number; sockets: string }> {
  const lines = (await readFile(join(dataDir, "postgres/postmaster.pid"), "utf8")).split("\n");
  return { pid: Number(lines[0]), sockets: lines[4] ?? "" };
}

/** The watchdogs that end a Postgres when its gateway is gone. */
async function watchdogsOf(pid: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)("ps", ["-axo", "pid=,command="]);
  return stdout
    .split("\n")
    .filter((line) => line.includes("read -r _;") && line.includes(` ${pid} `))
    .map((line) => Number.parseInt(line, 10));
}

/** The processes of a data folder's Postgres: its watchdogs first, so that they cannot react, then the server. */
async function postgresProcesses(dataDir: string): Promise<number[]> {
  const { pid } = await postmaster(dataDir);
  return [...(await watchdogsOf(pid)), pid];
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}
