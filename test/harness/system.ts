import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { connectDatabase, type Database } from "../../lib/database.ts";
import type { FaultPoint } from "../../lib/faults.ts";
import { forEachLimit, RATE_LIMITS } from "../../lib/rate-limits.ts";
import { connectRedis, type Redis } from "../../lib/redis.ts";
import { callServeCron, isRunning } from "../../scripts/serve/control.ts";
import { connectRole, controlSocket } from "../../scripts/serve/roles.ts";
import { freePort } from "../../scripts/system/ports.ts";
import { groupEnded, signalGroup } from "../../scripts/system/process-group.ts";
import { ROOT } from "../../scripts/system/project.ts";
import { readRunFile } from "../../scripts/system/run-file.ts";
import { openSecrets, type Secrets } from "../../scripts/system/secrets.ts";
import { isHealthy, until } from "../../scripts/system/until.ts";
import type { GatewayStats } from "./gateway-stats.ts";
import { type OwnStores, ownStores } from "./own-stores.ts";

const START_PATIENCE_MS = 110_000;

/** What tests do would be over the limits that `npm run serve` has by default. */
const LIMITS_OF_START = {
  ...forEachLimit((name) => RATE_LIMITS[name].development),
  ...{ ACCOUNT_OPERATION_RATE: "450", ACCOUNT_OPERATION_BURST: "4500" },
};

/** What runs a system: `npm start`, or `npm run serve`. */
export type Program = "start" | "serve";

export type SystemOptions = {
  /** Unless given, as the environment variable SYSTEM says, or else `npm start`. */
  program?: Program;
  /** Settings of the program. */
  env?: Readonly<Record<string, string>>;
  /** The data folder; a new temporary one by default. */
  dataDir?: string;
  /** Builds the fault points into the Workers. */
  faults?: boolean;
};

/** Starts a separate system on free ports, and returns it once it is healthy. */
export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), "edge-im-")));
  const stores = await ownStores();
  const system = new System(dataDir, await freePort(), await freePort(), stores, options);
  try {
    await system.start();
  } catch (error) {
    await stores.remove();
    throw error;
  }
  return system;
}

/** A system as `npm start` or `npm run serve` runs it, with methods that kill, pause and inspect it. */
export class System {
  /** The address for clients; the same after a restart. */
  readonly url: string;
  readonly dataDir: string;
  /** The file with its whole output. */
  readonly logFile: string;
  /** The address of the gateway. */
  readonly gateway: string;
  readonly #program: Program;
  readonly #env: Record<string, string>;
  readonly #stores: OwnStores;
  #process: ReturnType<typeof launch> | undefined;

  /** Use `startSystem`. */
  constructor(dataDir: string, port: number, gatewayPort: number, stores: OwnStores, options: SystemOptions) {
    this.#stores = stores;
    this.url = `http://127.0.0.1:${port}`;
    this.dataDir = dataDir;
    this.logFile = join(dataDir, "system.log");
    this.#program = options.program ?? (process.env.SYSTEM === "serve" ? "serve" : "start");
    this.gateway = `http://127.0.0.1:${gatewayPort}`;
    this.#env = {
      PORT: String(port),
      GATEWAY_PORT: String(gatewayPort),
      FAULTS: options.faults === true ? "on" : "off",
      ...(this.#program === "serve" && LIMITS_OF_START),
      ...stores.env,
      ...options.env,
      DATA_DIR: dataDir,
    };
  }

  /** Starts it; after a stop or kill, on the same data and ports. */
  async start(): Promise<void> {
    const running = launch(this.#program, this.#env, this.logFile);
    this.#process = running;
    const ready = running.getOneMessage();
    const late = AbortSignal.timeout(START_PATIENCE_MS);
    const first = await Promise.race([
      ready.then(() => "ready"),
      running.then(({ exitCode }) => `it ended with code ${exitCode}`),
      new Promise<string>((resolve) => late.addEventListener("abort", () => resolve("it took too long"))),
    ]);
    if (first === "ready") return;
    await this.kill();
    throw new Error(`The system did not start: ${first}\n${await this.log()}`);
  }

  /** Ends it as `kill` does; its data stays. */
  async stop(): Promise<void> {
    this.#process?.kill("SIGTERM");
    await this.#process;
    this.#process = undefined;
  }

  /** Kills all its processes at once with SIGKILL: the program, the gateway, and what runs the Workers. */
  async kill(): Promise<void> {
    const groups = Object.values(readRunFile(this.dataDir)?.programs ?? {});
    this.#process?.kill("SIGKILL");
    for (const group of groups) signalGroup(group, "SIGKILL");
    await Promise.all([this.#process, ...groups.map(groupEnded)]);
    this.#process = undefined;
  }

  /** Stops it and removes its data. */
  async remove(): Promise<void> {
    await this.stop();
    await rm(this.dataDir, { recursive: true, force: true, maxRetries: 3 });
    await this.#stores.remove();
  }

  /** Kills the gateway, which the supervisor starts again with an empty Redis; returns when it is healthy. */
  async killGateway(): Promise<void> {
    const group = this.#group("gateway");
    signalGroup(group, "SIGKILL");
    await groupEnded(group);
    await this.#stores.emptyRedis();
    await until(() => isHealthy(`${this.gateway}/health`), AbortSignal.timeout(START_PATIENCE_MS));
  }

  /** Kills all four Workers and their sockets, and the supervisor starts them again; returns when the system is healthy. */
  async killWorkers(): Promise<void> {
    await this.#killAll(Object.keys(this.pids()).filter((name) => name !== "start" && name !== "gateway"));
  }

  /** Kills the process of one connect server, of `npm run serve`; returns when it and the system run again. */
  async killConnectServer(serverId: string): Promise<void> {
    await this.#killAll([connectRole(serverId)]);
  }

  /** Kills one of its programs; returns when it and the system run again. */
  async killProgram(name: string): Promise<void> {
    await this.#killAll([name]);
  }

  /** Pauses one of its programs, as a machine that swaps: connections stay open. */
  pauseProgram(name: string): void {
    signalGroup(this.#group(name), "SIGSTOP");
  }

  resumeProgram(name: string): void {
    signalGroup(this.#group(name), "SIGCONT");
  }

  /** Pauses the gateway: connections stay open and requests get no response. */
  pauseGateway(): void {
    signalGroup(this.#group("gateway"), "SIGSTOP");
  }

  resumeGateway(): void {
    signalGroup(this.#group("gateway"), "SIGCONT");
  }

  /** Runs task's cron once. */
  cron(): Promise<void> {
    return callServeCron(controlSocket(this.dataDir, "core"));
  }

  /** Makes a layer die the next time it reaches a fault point. Needs `faults`. */
  async dieAt(point: FaultPoint): Promise<void> {
    await (await this.redis()).set(`fault:${point}`, "1");
  }

  /** Whether the fault point is set and no layer has died at it yet. */
  async waitsAt(point: FaultPoint): Promise<boolean> {
    return (await (await this.redis()).exists(`fault:${point}`)) === 1;
  }

  /** The system's own Redis. */
  async redis(): Promise<Redis> {
    const { REDIS_REST_TOKEN } = await this.secrets();
    return connectRedis({
      UPSTASH_REDIS_REST_URL: `${this.gateway}/redis`,
      UPSTASH_REDIS_REST_TOKEN: REDIS_REST_TOKEN,
    });
  }

  /** The system's own database. */
  async database(): Promise<Database> {
    const { DATABASE_PASSWORD } = await this.secrets();
    return connectDatabase({
      DATABASE_URL: `postgresql://edge:${DATABASE_PASSWORD}@localhost/edge`,
      NEON_HTTP_URL: `${this.gateway}/sql`,
    });
  }

  secrets(): Promise<Secrets> {
    return openSecrets(this.dataDir);
  }

  /** The gateway's counters since its start. */
  async gatewayStats(): Promise<GatewayStats> {
    const { GATEWAY_STATS_TOKEN } = await this.secrets();
    const response = await fetch(`${this.gateway}/stats`, {
      headers: { authorization: `Bearer ${GATEWAY_STATS_TOKEN}` },
    });
    if (!response.ok) throw new Error(`/stats returned ${response.status}`);
    return (await response.json()) as GatewayStats;
  }

  /** How many uploads, and parts of them, are stored in the data folder. */
  async storedObjects(): Promise<number> {
    const options = { recursive: true, withFileTypes: true } as const;
    const files = await readdir(join(this.dataDir, "serve/media"), options);
    return files.filter((file) => file.isFile()).length;
  }

  /** The process ids of `start` and of the leaders of its programs' groups. */
  pids(): Record<string, number> {
    const run = readRunFile(this.dataDir);
    return run === null ? {} : { start: run.start.pid, ...run.programs };
  }

  /** Its whole output. */
  log(): Promise<string> {
    return readFile(this.logFile, "utf8");
  }

  /** The lines of its output that report a fault. */
  async errors(): Promise<string[]> {
    return (await this.log()).split("\n").filter((line) => /^\S+ \w+ +error /.test(line));
  }

  /** Kills programs, and returns when the supervisor has started them again. */
  async #killAll(names: readonly string[]): Promise<void> {
    const groups = names.map((name) => this.#group(name));
    for (const group of groups) signalGroup(group, "SIGKILL");
    await Promise.all(groups.map(groupEnded));
    const late = AbortSignal.timeout(START_PATIENCE_MS);
    for (const name of names) await until(() => isRunning(controlSocket(this.dataDir, name)), late);
    await until(() => isHealthy(`${this.url}/api/v1/health`), late);
  }

  #group(name: string): number {
    const group = this.pids()[name];
    if (group === undefined) throw new Error(`${name} does not run`);
    return group;
  }
}

/** Starts a program over a channel, so that it ends with the tests, however those end. */
function launch(program: Program, env: Readonly<Record<string, string>>, logFile: string) {
  const log = { file: logFile, append: true };
  return execa(process.execPath, [join(ROOT, `scripts/${program}.ts`)], {
    cwd: ROOT,
    env: { ...env },
    stdin: "ignore",
    stdout: log,
    stderr: log,
    ipc: true,
    reject: false,
  });
}
