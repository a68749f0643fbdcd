import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RealPostgres, startRealPostgres } from "../gateway/testing/real/postgres.ts";
import { checkPort, freePort } from "../scripts/system/ports.ts";
import { groupEnded, signalGroup } from "../scripts/system/process-group.ts";
import { groupRuns } from "../scripts/system/processes.ts";
import { ROOT } from "../scripts/system/project.ts";
import { readRunFile } from "../scripts/system/run-file.ts";
import { isHealthy, until } from "../scripts/system/until.ts";
import { Client } from "./harness/client.ts";
import { type OwnStores, ownStores } from "./harness/own-stores.ts";
import { useSystem } from "./harness/use-system.ts";

/** How long all processes may take to end, whichever of them ends first (milliseconds). */
const END_MS = 10_000;

// The timeout includes a whole restart within a test.
describe("the start program", { timeout: 120_000 }, () => {
  const system = useSystem({ env: { CRON_SECONDS: "3" } });
  const groups = () => {
    const { start: _start, ...groups } = system().pids();
    expect(Object.keys(groups).toSorted()).toEqual(["core", "gateway"]);
    return Object.values(groups);
  };

  it("keeps its data across a restart", async () => {
    const anna = await Client.register(system().url);
    const bert = await Client.register(system().url);
    const conversation = await anna.befriend(bert);
    await anna.post(conversation, "before");

    await system().stop();
    await system().start();

    const again = await anna.loginAgain();
    await expect.poll(() => again.history(conversation), { timeout: 20_000 }).toHaveLength(1);
  });

  it("ends all processes that it has started when it ends", { timeout: END_MS }, async () => {
    const before = groups();
    await system().stop();
    for (const group of before) expect(groupRuns(group)).toBe(false);
  });

  it("restarts the gateway and the Workers when they have died", async () => {
    await system().start();
    await system().killGateway();
    await system().killWorkers();
    await Client.register(system().url);
  });

  it("runs the Workers again when their runtime has crashed", async () => {
    const runtime = async () => {
      const members = await groupMembers(system().pids().core ?? 0);
      return members.filter(({ name }) => name === "workerd").map(({ pid }) => pid);
    };
    const [crashed = 0] = await runtime();
    process.kill(crashed, "SIGKILL");
    await until(() => isHealthy(`${system().url}/api/v1/health`), AbortSignal.timeout(60_000));
    expect(await runtime()).not.toContain(crashed);
    await Client.register(system().url);
  });

  it("refuses a data folder that another start is using, and names that process", async () => {
    const { code, said } = await startBriefly({ DATA_DIR: system().dataDir });
    expect(said).toBe(
      `The data folder ${system().dataDir} is in use by process ${system().pids().start}: ` +
        "end that one, or set DATA_DIR to another folder.\n",
    );
    expect(code).toBe(2);
  });

  it("leaves no process behind when it is killed", async () => {
    const before = groups();
    process.kill(system().pids().start ?? 0, "SIGKILL");
    await Promise.all(before.map(groupEnded));
    await system().start();
  });

  it("ends a runtime that has survived all its parents, and starts", async () => {
    const { start = 0, core = 0, gateway = 0 } = system().pids();
    const others = (await groupMembers(core)).filter(({ name }) => !name.includes("workerd"));
    for (const pid of [start, gateway, ...others.map(({ pid }) => pid)]) process.kill(pid, "SIGKILL");
    await groupEnded(gateway);
    expect(groupRuns(core)).toBe(true);
    await system().start();
    expect(groupRuns(core)).toBe(false);
    await Client.register(system().url);
  });
});

describe("npm start", { timeout: 120_000 }, () => {
  let folder = "";
  let port = 0;
  let stores: OwnStores;
  let npm: ReturnType<typeof npmStart> | undefined;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "edge-im-npm-"));
    port = await freePort();
    stores = await ownStores();
  });
  afterAll(async () => {
    for (const group of npm?.groups() ?? []) signalGroup(group, "SIGKILL");
    await rm(folder, { recursive: true, maxRetries: 3 });
    await stores.remove();
  });

  it("logs no warning or error on an empty data folder, even with requests from the first moment", async () => {
    npm = npmStart(folder, port, stores.env);
    await until(() => isHealthy(`http://127.0.0.1:${port}/api/v1/health`), AbortSignal.timeout(110_000));
    await npm.ready;
    expect(npm.lines.filter((line) => /^[0-9:]{8} \S+ +(?:warning|error) /.test(line))).toEqual([]);
    expect(npm.errors).toEqual([]);
  });

  it("ends all processes when npm gets SIGTERM, as from a service manager", async () => {
    if (npm === undefined) throw new Error("npm start has not been tested yet");
    const groups = npm.groups();
    expect(groups).toHaveLength(3);
    npm.process.kill("SIGTERM");
    const [code] = await once(npm.process, "exit", { signal: AbortSignal.timeout(END_MS) });
    expect(code).toBe(0);
    for (const group of groups) expect(groupRuns(group)).toBe(false);
    await checkPort("127.0.0.1", port, "PORT");
  });

  it("ends all processes when npm is killed", async () => {
    npm = npmStart(folder, port, stores.env);
    await npm.ready;
    const groups = npm.groups();
    npm.process.kill("SIGKILL");
    await until(async () => !groups.some(groupRuns), AbortSignal.timeout(END_MS));
    await checkPort("127.0.0.1", port, "PORT");
  });
});

describe("a start that cannot succeed", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "edge-im-start-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("reports a port in use in one sentence", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const { code, said } = await startBriefly({ DATA_DIR: folder, PORT: String(port) });
    expect(said).toBe(
      `Port ${port} is taken by another program: end that one, or set PORT to another port.\n`,
    );
    expect(code).toBe(2);
    other.close();
  });

  it("repeats the sentence of a gateway that cannot start", async () => {
    const dataDir = join(folder, "older");
    await mkdir(join(dataDir, "postgres"), { recursive: true });
    await writeFile(join(dataDir, "postgres/PG_VERSION"), "17\n");
    const { code, said } = await startOnStores({ DATA_DIR: dataDir });
    expect(said).toMatch(/^The database in \S+ is of an older kind that cannot be opened: [^\n]+\n$/);
    expect(code).toBe(1);
  });

  describe("because of an external store", () => {
    let postgres: RealPostgres;
    beforeAll(async () => {
      postgres = await startRealPostgres("embedded");
      await postgres.run(
        "postgres",
        "CREATE ROLE edge LOGIN PASSWORD 'never-to-be-shown'",
        "CREATE DATABASE empty",
        "CREATE DATABASE migrated",
      );
    });
    afterAll(() => postgres.remove());
    const as = (database: string, login = "edge:never-to-be-shown") => postgres.url({ login, database });

    const expectRefusal = async (env: Record<string, string>, sentence: RegExp) => {
      const { code, said } = await startOnStores({ DATA_DIR: folder, ...env });
      expect(said).toMatch(sentence);
      expect(said.trim().split("\n")).toHaveLength(1);
      expect(said).not.toContain("never-to-be-shown");
      expect(code).toBe(1);
    };

    it("names REDIS_URL when nothing listens there", { timeout: END_MS }, () =>
      freePort().then((port) =>
        expectRefusal(
          { REDIS_URL: `redis://edge:never-to-be-shown@127.0.0.1:${port}` },
          /^REDIS_URL cannot be used: nothing listens at /,
        ),
      ),
    );

    it("names DATABASE_URL when the password is wrong", { timeout: END_MS }, () =>
      expectRefusal(
        { DATABASE_URL: as("empty", "edge:wrong") },
        /^DATABASE_URL cannot be used: Postgres refuses the user or the password/,
      ),
    );

    it("names DATABASE_URL when its user may not make the tables", { timeout: END_MS }, () =>
      expectRefusal(
        { DATABASE_URL: as("empty") },
        /^DATABASE_URL has a user who may not migrate \(permission denied for database empty\)/,
      ),
    );

    it("names DATABASE_URL when its user may not use the tables", { timeout: 3 * END_MS }, async () => {
      const migrated = await migrate({ DATABASE_URL: postgres.url({ database: "migrated" }) });
      expect(migrated).toMatch(/^Applied \d+ migration/);
      await postgres.run(
        "migrated",
        "GRANT USAGE ON SCHEMA drizzle TO edge",
        "GRANT SELECT ON ALL TABLES IN SCHEMA drizzle, public TO edge",
      );
      await expectRefusal(
        { DATABASE_URL: as("migrated") },
        /^DATABASE_URL cannot be used: the user edge lacks (INSERT|UPDATE|DELETE|USAGE) on \w+/,
      );
    });
  });

  it("reports an invalid setting by its name", async () => {
    const { code, said } = await startBriefly({ DATA_DIR: folder, BUCKETS_PER_SERVER: "none" });
    expect(said).toBe("BUCKETS_PER_SERVER must be a whole number\n");
    expect(code).toBe(2);
  });
});

/** Runs a start that ends by itself, on embedded stores unless others are set. */
async function startOnStores(env: Record<string, string>): Promise<{ code: number; said: string }> {
  const embedded = { KAFKA_BROKERS: "", REDIS_URL: "", DATABASE_URL: "" };
  return await startBriefly({ ...embedded, PORT: String(await freePort()), ...env });
}

/** Runs `npm run migrate`; returns its output. */
async function migrate(env: Record<string, string>): Promise<string> {
  const { stdout } = await execa(process.execPath, [join(ROOT, "scripts/migrate.ts")], { env });
  return stdout;
}

/** Runs a start that ends by itself; returns its exit code and output. */
async function startBriefly(env: Record<string, string>): Promise<{ code: number; said: string }> {
  const child = spawn(process.execPath, [join(ROOT, "scripts/start.ts")], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (text) => {
    said += String(text);
  });
  const [code] = await once(child, "close");
  return { code, said };
}

/** Runs `npm start` as a service manager does. `ready` resolves when it says that the system runs. */
function npmStart(dataDir: string, port: number, env: Record<string, string>) {
  const child = spawn("npm", ["start"], {
    cwd: ROOT,
    env: { ...process.env, ...env, DATA_DIR: dataDir, PORT: String(port) },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const lines: string[] = [];
  const errors: string[] = [];
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  createInterface(child.stdout).on("line", (line) => {
    lines.push(line);
    if (line.includes("The system runs at")) resolve();
  });
  createInterface(child.stderr).on("line", (line) => errors.push(line));
  child.once("exit", (code) => reject(new Error(`npm start ended with code ${code}\n${lines.join("\n")}`)));
  // It may be rejected before anything awaits it: that is not an unhandled rejection.
  ready.catch(() => {});
  /** The process groups of the system: npm's own, in which `start` is, and those of its programs. */
  const groups = () => [child.pid ?? 0, ...Object.values(readRunFile(dataDir)?.programs ?? {})];
  return { process: child, lines, errors, ready, groups };
}

async function groupMembers(group: number): Promise<{ pid: number; name: string }[]> {
  const { stdout } = await execa("ps", ["-axo", "pid=,pgid=,comm="]);
  return stdout.split("\n").flatMap((line) => {
    const [pid, pgid, ...name] = line.trim().split(/\s+/);
    return Number(pgid) === group ? [{ pid: Number(pid), name: name.join(" ") }] : [];
  });
}
