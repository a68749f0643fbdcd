import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { connectDatabase, type Database } from "../../lib/database.ts";
import type { FaultPoint } from "../../lib/faults.ts";
import { connectRedis, type Redis } from "../../lib/redis.ts";
import { callCron } from "../../scripts/system/cron.ts";
import { freePort } from "../../scripts/system/ports.ts";
import { groupEnded, signalGroup } from "../../scripts/system/process-group.ts";
import { ROOT } from "../../scripts/system/project.ts";
import { readRunFile } from "../../scripts/system/run-file.ts";
import { openSecrets, type Secrets } from "../../scripts/system/secrets.ts";
import { isHealthy, until } from "../../scripts/system/until.ts";
import type { GatewayStats } from "./gateway-stats.ts";

const START_PATIENCE_MS = 110_000;

export type SystemOptions = {
  /** Settings of `npm start`. */
  env?: Readonly<Record<string, string>>;
  /** The data folder; a new temporary one by default. */
  dataDir?: string;
  /** Builds the fault points into the Workers. */
  faults?: boolean;
};

/** Starts a separate system on free ports, and returns it once it is healthy. */
export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), "edge-im-")));
  const system = new System(dataDir, await freePort(), await freePort(), options);
  await system.start();
  return system;
}

/** A system as `npm start` runs it, with methods that kill, pause and inspect it. */
export class System {
  /** The address for clients; the same after a restart. */
  readonly url: string;
  readonly dataDir: string;
  /** The file with its whole output. */
  readonly logFile: string;
  readonly #gateway: string;
  readonly #env: Record<string, string>;
  #process: ReturnType<typeof launch> | undefined;

  /** Use `startSystem`. */
  constructor(dataDir: string, port: number, gatewayPort: number, options: SystemOptions) {
    this.url = `http://127.0.0.1:${port}`;
    this.dataDir = dataDir;
    this.logFile = join(dataDir, "system.log");
    this.#gateway = `http://127.0.0.1:${gatewayPort}`;
    this.#env = {
      PORT: String(port),
      GATEWAY_PORT: String(gatewayPort),
      FAULTS: options.faults === true ? "on" : "off",
      ...options.env,
      DATA_DIR: dataDir,
    };
  }

  /** Starts it; after a stop or kill, on the same data and ports. */
  async start(): Promise<void> {
    const running = launch(this.#env, this.logFile);
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

  /** Kills all its processes at once with SIGKILL: start, gateway, Miniflare and workerd. */
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
  }

  /** Kills the gateway, which the supervisor starts again; returns when the system is healthy. */
  async killGateway(): Promise<void> {
    const group = this.#group("gateway");
    signalGroup(group, "SIGKILL");
    await groupEnded(group);
    await until(() => isHealthy(`${this.#gateway}/health`), AbortSignal.timeout(START_PATIENCE_MS));
  }

  /** Kills all four Workers and their sockets, and the supervisor starts them again; returns when the system is healthy. */
  async killWorkers(): Promise<void> {
    const group = this.#group("workers");
    signalGroup(group, "SIGKILL");
    await groupEnded(group);
    await until(() => isHealthy(`${this.url}/api/v1/health`), AbortSignal.timeout(START_PATIENCE_MS));
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
    return callCron(this.url);
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
      UPSTASH_REDIS_REST_URL: `${this.#gateway}/redis`,
      UPSTASH_REDIS_REST_TOKEN: REDIS_REST_TOKEN,
    });
  }

  /** The system's own database. */
  async database(): Promise<Database> {
    const { DATABASE_PASSWORD } = await this.secrets();
    return connectDatabase({
      DATABASE_URL: `postgresql://edge:${DATABASE_PASSWORD}@localhost/edge`,
      NEON_HTTP_URL: `${this.#gateway}/sql`,
    });
  }

  secrets(): Promise<Secrets> {
    return openSecrets(this.dataDir);
  }

  /** The gateway's counters since its start. */
  async gatewayStats(): Promise<GatewayStats> {
    const { GATEWAY_STATS_TOKEN } = await this.secrets();
    const response = await fetch(`${this.#gateway}/stats`, {
      headers: { authorization: `Bearer ${GATEWAY_STATS_TOKEN}` },
    });
    if (!response.ok) throw new Error(`/stats returned ${response.status}`);
    return (await response.json()) as GatewayStats;
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

  #group(name: string): number {
    const group = this.pids()[name];
    if (group === undefined) throw new Error(`${name} does not run`);
    return group;
  }
}

/** Starts `npm start`'s program over a channel, so that it ends with the tests, however those end. */
function launch(env: Readonly<Record<string, string>>, logFile: string) {
  const log = { file: logFile, append: true };
  return execa(process.execPath, [join(ROOT, "scripts/start.ts")], {
    cwd: ROOT,
    env: { ...env },
    stdin: "ignore",
    stdout: log,
    stderr: log,
    ipc: true,
    reject: false,
  });
}
