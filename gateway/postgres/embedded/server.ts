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

/** A Postgres that this process has started. */
export interface EmbeddedServer {
  readonly connectionString: string;
  /** Ends it, with all that was committed on disk; at once when that takes seconds. */
  stop(): Promise<void>;
}

/**
 * Starts a Postgres on the data in `folder`, and makes them where there are none. The caller must hold the folder for
 * itself alone. The server ends with this process, however that ends; where it cannot (Windows, or killed together with
 * its watchdog), the next start ends it. When it ends unasked, this process ends with an error, to be started again.
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

/** Children of a server that was killed may still write for a moment; Postgres does not start until they are gone. */
const STILL_WRITING = /pre-existing shared memory block/;
const STILL_WRITING_PATIENCE_MS = 10_000;

async function start(folder: string, surroundings: Surroundings): Promise<ServerProcess> {
  for (const deadline = Date.now() + STILL_WRITING_PATIENCE_MS; ; ) {
    const running = new ServerProcess(folder, surroundings);
    const failure = await running.started;
    if (failure === undefined) return running;
    if (!STILL_WRITING.test(failure) || Date.now() > deadline) {
      throw new EmbeddedPostgresError(`Postgres could not start on ${folder}: ${failure}`);
    }
    await sleep(100);
  }
}

const STOP_ATTEMPTS = [
  ["SIGINT", 3_000],
  ["SIGQUIT", 1_000],
  ["SIGKILL", 1_000],
] as const;

class ServerProcess {
  /** Resolves when it takes connections, or with what it said when it ended before. */
  readonly started: Promise<string | undefined>;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #watchdog: ChildProcess | undefined;
  readonly #said: string[] = [];
  #state: "starting" | "running" | "stopping" = "starting";

  constructor(folder: string, { binaries, launch, address }: Surroundings) {
    const settings = Object.entries({ ...SETTINGS, ...address.settings });
    this.#child = launch(
      binaries.postgres,
      ["-D", folder, ...settings.flatMap(([name, value]) => ["-c", `${name}=${value}`])],
      // Ctrl-C reaches all processes of a group: this one is to end after the gateway's last request.
      { stdio: ["ignore", "ignore", "pipe"], detached: process.platform !== "win32", windowsHide: true },
    );
    this.#watchdog = watchdog(launch, this.#child, address);
    this.#ended = once(this.#child, "close");
    this.started = Promise.race([this.#listen(), this.#ended.then(() => this.#lastWords())]);
    this.#child.on("close", () => {
      this.#watchdog?.kill("SIGKILL");
      if (this.#state !== "running") return;
      address.release();
      throw new Error("Postgres has ended");
    });
  }

  async stop(signal: SignalServer): Promise<void> {
    this.#state = "stopping";
    for (const [name, patience] of STOP_ATTEMPTS) {
      if (this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null)
        break;
      await signal(this.#child.pid, name);
      const timer = new AbortController();
      await Promise.race([this.#ended, sleep(patience, undefined, { signal: timer.signal }).catch(() => {})]);
      timer.abort();
    }
    this.#watchdog?.kill("SIGKILL");
  }

  /** Reads what the server says for as long as it runs; resolves when it takes connections. */
  #listen(): Promise<undefined> {
    const { stderr } = this.#child;
    if (stderr === null) throw new Error("The output of Postgres is not read");
    return new Promise((resolve) => {
      createInterface({ input: stderr }).on("line", (line) => {
        if (this.#state === "running") log(line.startsWith("LOG:") ? "info" : "error", "postgres", { line });
        else this.#said.push(line);
        if (this.#state !== "starting" || !line.includes("ready to accept connections")) return;
        this.#state = "running";
        resolve(undefined);
      });
    });
  }

  #lastWords(): string {
    return this.#said.filter((line) => !line.startsWith("LOG:")).join(" ") || "it ended without a word";
  }
}

/**
 * Ends the server when this process is gone, which it notices by the end of its input, and removes its socket. It is in
 * no group of this process's, so that a signal to all of them leaves it.
 */
function watchdog(launch: Launch, server: ChildProcess, { host }: Address): ChildProcess | undefined {
  if (process.platform === "win32" || server.pid === undefined) return undefined;
  const script = 'read -r _; kill -INT "$0"; while kill -0 "$0" 2>/dev/null; do sleep 0.1; done; rm -rf "$1"';
  return launch("/bin/sh", ["-c", script, String(server.pid), host], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
}

/** Windows has no signals between processes; Postgres there takes them from its own program. */
function signalThrough({ pgCtl }: Binaries): SignalServer {
  return async (pid, signal) => {
    if (process.platform === "win32" && signal !== "SIGKILL") {
      await promisify(execFile)(pgCtl, ["kill", signal.slice("SIG".length), String(pid)]);
    } else if (isAlive(pid)) process.kill(pid, signal);
  };
}
