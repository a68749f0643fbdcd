import { type ChildProcess, execFile } from "node:child_process";
import { once } from "node:events";
import { dirname, resolve } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { log } from "../../logger.ts";
import { type Launch, launcher, postgresAccount } from "./account.ts";
import { type Address, newAddress } from "./address.ts";
import { type Binaries, findBinaries } from "./binaries.ts";
import { openCluster } from "./cluster.ts";
import { EmbeddedPostgresError } from "./error.ts";
import { endLeftover, isAlive, type SignalServer } from "./leftover.ts";
import { SETTINGS } from "./settings.ts";

/** A Postgres server that this process has started. */
export interface EmbeddedServer {
  readonly connectionString: string;
  /** Ends the server with a clean shutdown, or by force when that takes too long. Commits are on disk in both cases. */
  stop(): Promise<void>;
}

/**
 * Starts a Postgres server on the data in `folder`; creates them when there are none. The caller must hold the lock on
 * the folder. The server ends when this process ends for any reason; when it cannot (on Windows, or when its watchdog
 * is killed too), the next start ends it. When it ends unexpectedly, this process ends with an error, so that both are
 * restarted.
 */
export async function startEmbeddedServer(dataFolder: string): Promise<EmbeddedServer> {
  const folder = resolve(dataFolder);
  const binaries = await findBinaries();
  const account = postgresAccount(folder);
  const address = await newAddress(account);
  try {
    const reached = [dirname(folder), binaries.postgres];
    const launch = launcher(account, address.host.startsWith("/") ? [...reached, address.host] : reached);
    const password = await openCluster(folder, { initdb: binaries.initdb, launch, account });
    const signal = signalThrough(binaries);
    await endLeftover(folder, signal);
    const running = await start(folder, { binaries, launch, address });
    const { host, port } = address;
    return {
      connectionString: `postgresql://postgres:${password}@localhost:${port}/postgres?host=${encodeURIComponent(host)}`,
      stop: async () => {
        await running.stop(signal);
        address.release();
      },
    };
  } catch (error) {
    address.release();
    throw error;
  }
}

interface Surroundings {
  readonly binaries: Binaries;
  readonly launch: Launch;
  readonly address: Address;
}

/** The children of a killed server may still write for a moment; Postgres does not start until they have ended. */
const STILL_WRITING = /pre-existing shared memory block/;
const STILL_WRITING_TIMEOUT_MS = 10_000;

async function start(folder: string, surroundings: Surroundings): Promise<ServerProcess> {
  for (const deadline = Date.now() + STILL_WRITING_TIMEOUT_MS; ; ) {
    const running = new ServerProcess(folder, surroundings);
    const failure = await running.started;
    if (failure === undefined) return running;
    if (!STILL_WRITING.test(failure) || Date.now() > deadline) {
      throw new EmbeddedPostgresError(`Postgres could not start on ${folder}: ${failure}`);
    }
    await sleep(100);
  }
}

/** The signals that end the server, and how long each may take. */
const STOP_ATTEMPTS = [
  ["SIGINT", 3_000],
  ["SIGQUIT", 1_000],
  ["SIGKILL", 1_000],
] as const;

class ServerProcess {
  /** Resolves with undefined when the server accepts connections, or with the reason when it ended before. */
  readonly started: Promise<string | undefined>;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #watchdog: ChildProcess | undefined;
  /** Its output until it accepts connections. */
  readonly #startOutput: string[] = [];
  #state: "starting" | "running" | "stopping" = "starting";

  constructor(folder: string, { binaries, launch, address }: Surroundings) {
    const settings = Object.entries({ ...SETTINGS, ...address.settings });
    this.#child = launch(
      binaries.postgres,
      ["-D", folder, ...settings.flatMap(([name, value]) => ["-c", `${name}=${value}`])],
      // In its own group, because Ctrl-C reaches the gateway's whole group: the server must end after the last request.
      { stdio: ["ignore", "ignore", "pipe"], detached: process.platform !== "win32", windowsHide: true },
    );
    this.#watchdog = watchdog(launch, this.#child, address);
    this.#ended = once(this.#child, "close");
    this.started = Promise.race([this.#listen(), this.#ended.then(() => this.#failureReason())]);
    this.#child.on("close", () => {
      this.#watchdog?.kill("SIGKILL");
      if (this.#state !== "running") return;
      address.release();
      throw new Error("Postgres has ended");
    });
  }

  async stop(signal: SignalServer): Promise<void> {
    this.#state = "stopping";
    for (const [name, graceMs] of STOP_ATTEMPTS) {
      if (this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null)
        break;
      await signal(this.#child.pid, name);
      const timer = new AbortController();
      await Promise.race([this.#ended, sleep(graceMs, undefined, { signal: timer.signal }).catch(() => {})]);
      timer.abort();
    }
    this.#watchdog?.kill("SIGKILL");
  }

  /** Reads the server's output for as long as it runs; resolves when it accepts connections. */
  #listen(): Promise<undefined> {
    const { stderr } = this.#child;
    if (stderr === null) throw new Error("The output of Postgres is not read");
    return new Promise((resolve) => {
      createInterface({ input: stderr }).on("line", (line) => {
        if (this.#state === "running") log(line.startsWith("LOG:") ? "info" : "error", "postgres", { line });
        else this.#startOutput.push(line);
        if (this.#state !== "starting" || !line.includes("ready to accept connections")) return;
        this.#state = "running";
        resolve(undefined);
      });
    });
  }

  #failureReason(): string {
    return (
      this.#startOutput.filter((line) => !line.startsWith("LOG:")).join(" ") || "it ended without a message"
    );
  }
}

/**
 * Starts a process that ends the server and removes its socket when this process has ended, which it sees by the end of
 * its input. It runs in its own process group, so that a signal to this process's group does not end it.
 */
function watchdog(launch: Launch, server: ChildProcess, { host }: Address): ChildProcess | undefined {
  if (process.platform === "win32" || server.pid === undefined) return undefined;
  const script = 'read -r _; kill -INT "$0"; while kill -0 "$0" 2>/dev/null; do sleep 0.1; done; rm -rf "$1"';
  return launch("/bin/sh", ["-c", script, String(server.pid), host], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
}

/** Sends signals with `pg_ctl` on Windows, which has no signals between processes. */
function signalThrough({ pgCtl }: Binaries): SignalServer {
  return async (pid, signal) => {
    if (process.platform === "win32" && signal !== "SIGKILL") {
      await promisify(execFile)(pgCtl, ["kill", signal.slice("SIG".length), String(pid)]);
    } else if (isAlive(pid)) process.kill(pid, signal);
  };
}
