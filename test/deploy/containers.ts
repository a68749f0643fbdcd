import type { ChildProcess } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { groupEnded, signalGroup } from "../../scripts/system/process-group.ts";
import { ROOT } from "../../scripts/system/project.ts";
import { until } from "../../scripts/system/until.ts";
import { type Compose, readCompose, readEnv, type Service } from "./compose-file.ts";
import { type Container, localProgram, startContainer } from "./container.ts";
import { readDockerfile } from "./dockerfile.ts";

/** How long a container may take to become healthy. */
const READY_WITHIN_MS = 60_000;

/** How the containers of a test differ from those of the file. */
export interface Differences {
  /** Services that do not run: others start without them. */
  readonly without: readonly string[];
  /** Further settings, by service. */
  readonly settings: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * The containers of `compose.yaml` as processes, with new secrets. Each has an address of loopback for itself, where it
 * listens on the ports of its container, and a folder in place of its volumes.
 */
export class Containers {
  readonly #compose: Compose;
  readonly #folder: string;
  readonly #addresses: ReadonlyMap<string, string>;
  readonly #running = new Map<string, ChildProcess>();

  private constructor(compose: Compose, folder: string) {
    this.#compose = compose;
    this.#folder = folder;
    // Few enough tests run on a machine at a time for these to be different.
    const network = `127.${randomInt(1, 255)}.${randomInt(0, 256)}`;
    this.#addresses = new Map(Object.keys(compose.services).map((name, i) => [name, `${network}.${i + 1}`]));
  }

  /** Reads the file. Caddy serves HTTP at its port 8080, as nobody gives a certificate for an address of loopback. */
  static async open(): Promise<Containers> {
    const names = Object.keys(await readEnv(join(ROOT, ".env.example")));
    const secrets = Object.fromEntries(names.map((name) => [name, randomBytes(32).toString("hex")]));
    const compose = await readCompose({ ...secrets, EDGE_IM_DOMAIN: "http://caddy:8080" });
    return new Containers(compose, await mkdtemp(join(tmpdir(), "containers-")));
  }

  /** The address of a service. */
  address(name: string): string {
    const address = this.#addresses.get(name);
    if (address === undefined) throw new Error(`compose.yaml has no service ${name}`);
    return address;
  }

  /** The folder in place of a service's volume. */
  volume(name: string): string {
    return join(this.#folder, name, "data");
  }

  /** The value of a service's setting. */
  setting(name: string, setting: string): string {
    const value = this.#service(name).environment[setting];
    if (value === undefined) throw new Error(`compose.yaml has no ${setting} for ${name}`);
    return value;
  }

  /** Starts every service that does not run as soon as those that it depends on are healthy, and returns when all are. */
  async up(differences: Differences): Promise<void> {
    const starts = new Map<string, Promise<void>>();
    const start = (name: string): Promise<void> => {
      const needed = Object.keys(this.#service(name).depends_on);
      const begun =
        starts.get(name) ?? Promise.all(needed.map(start)).then(() => this.#start(name, differences));
      starts.set(name, begun);
      return begun;
    };
    // All have ended before a failure of one is thrown, so that `remove` finds every process.
    await Promise.allSettled(Object.keys(this.#compose.services).map(start));
    await Promise.all(starts.values());
  }

  /** Ends these services, or all, as Compose does, dependents first; returns their exit codes. */
  async down(names = Object.keys(this.#compose.services)): Promise<Record<string, number | null>> {
    const codes: Record<string, number | null> = {};
    for (const name of names.toReversed()) {
      const child = this.#running.get(name);
      if (child !== undefined) codes[name] = await this.#end(name, child);
    }
    return codes;
  }

  /** Ends all processes and removes their folders. */
  async remove(): Promise<void> {
    await this.down();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #start(name: string, { without, settings }: Differences): Promise<void> {
    if (without.includes(name) || this.#running.has(name)) return;
    const container = await this.#container(name, settings[name]);
    for (const part of ["data", "tmp"]) await mkdir(join(container.folder, part), { recursive: true });
    const child = await startContainer(container);
    this.#running.set(name, child);
    const log = join(this.#folder, `${name}.log`);
    const output = createWriteStream(log);
    child.stdout?.pipe(output, { end: false });
    child.stderr?.pipe(output, { end: false });
    await this.#healthy(container, child).catch(async (error: unknown) => {
      throw new Error(`${name} is not healthy: ${error}\n${await readFile(log, "utf8")}`);
    });
  }

  /** What a service runs: the environment and the entry point of its image, then those of the file. */
  async #container(name: string, further: Readonly<Record<string, string>> = {}): Promise<Container> {
    const { build, environment, entrypoint, command = [] } = this.#service(name);
    const image = build === undefined ? undefined : await readDockerfile(build.dockerfile);
    const settings = { ...image?.environment, ...environment };
    const translated = Object.entries(settings).map(([key, value]) => [
      key,
      this.#addresses.get(value) ?? this.#here(name, value),
    ]);
    const words = [...(entrypoint ?? image?.entrypoint ?? []), ...command];
    return {
      name,
      address: this.address(name),
      folder: join(this.#folder, name),
      workingFolder: build === undefined ? join(this.#folder, name) : ROOT,
      environment: { ...Object.fromEntries(translated), ...further },
      words: words.map((word) => this.#here(name, word)),
    };
  }

  /** Repeats the health check until it passes. */
  async #healthy({ name, environment }: Container, child: ChildProcess): Promise<void> {
    const [kind, ...test] = this.#service(name).healthcheck?.test ?? [];
    const words = (kind === "CMD-SHELL" ? ["sh", "-c", ...test] : test).map((word) => this.#here(name, word));
    const [file, ...args] = localProgram(words);
    const env = { PATH: process.env.PATH, ...environment };
    const passes = async () => {
      if (child.exitCode !== null) throw new Error(`it has ended with ${child.exitCode}`);
      const { failed } = await execa(file, args, { env, extendEnv: false, stdin: "ignore", reject: false });
      return !failed;
    };
    await until(passes, AbortSignal.timeout(READY_WITHIN_MS), 200);
  }

  async #end(name: string, child: ChildProcess): Promise<number | null> {
    const { stop_signal: signal, stop_grace_period: grace } = this.#service(name);
    const { pid = 0 } = child;
    this.#running.delete(name);
    if (child.exitCode === null && child.signalCode === null) {
      const kill = setTimeout(() => signalGroup(pid, "SIGKILL"), Number.parseInt(grace, 10) * 1000);
      child.kill(signal);
      await once(child, "exit");
      clearTimeout(kill);
    }
    await groupEnded(pid);
    return child.exitCode;
  }

  #service(name: string): Service {
    const service = this.#compose.services[name];
    if (service === undefined) throw new Error(`compose.yaml has no service ${name}`);
    return service;
  }

  /** A value with the addresses and folders of this machine in place of those in the container. */
  #here(name: string, value: string): string {
    const own = this.address(name);
    const services = [...this.#addresses.keys()].join("|");
    return value
      .replaceAll(/\b(?:0\.0\.0\.0|127\.0\.0\.1)\b/g, own)
      .replaceAll(new RegExp(`(?<=[/@,]|^)(${services})(?=:\\d)`, "g"), (service) => this.address(service))
      .replaceAll(/(?<=^|[\s>])\/(?:var\/lib\/kafka\/)?(tmp|data)(?=\/|$)/gm, join(this.#folder, name, "$1"));
  }
}
