import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Certificate, makeCertificate } from "./certificate.ts";
import { freePort } from "./free-port.ts";
import { findProgram } from "./programs.ts";
import { tieToThisProcess } from "./tied.ts";

/** The server of Debian's package `redis-server`; undefined when it is not installed. */
export const REDIS_SERVER = findProgram("redis-server");

/** How a Redis is started. */
export interface RedisOptions {
  /** Further lines of its configuration, such as `user` lines. */
  readonly lines?: readonly string[];
  readonly tls?: boolean;
  /** Whether it keeps its data over a restart. */
  readonly durable?: boolean;
}

/** A Redis server of a test, on a free port of loopback. */
export interface RealRedis {
  readonly port: number;
  /** Its certificate, when it speaks TLS. */
  readonly certificate: Certificate | undefined;
  /** Its URL for a user, `name:password`, and the number of a database. */
  url(options?: { user?: string; database?: number }): string;
  /** Stops it as an operator does, and starts it again on its data. */
  restart(): Promise<void>;
  /** Starts it again after {@link RealRedis.kill}. */
  start(): Promise<void>;
  kill(): Promise<void>;
  /** Stops it from running: its connections stay open and get no reply. */
  pause(): void;
  resume(): void;
  /** Kills it and removes its data. */
  remove(): Promise<void>;
}

/** Starts a Redis server, without persistence unless it is to be durable. */
export async function startRealRedis(options: RedisOptions = {}): Promise<RealRedis> {
  const folder = await mkdtemp(join(tmpdir(), "real-redis-"));
  const port = await freePort();
  const certificate = options.tls === true ? await makeCertificate(folder) : undefined;
  const configuration = [
    "bind 127.0.0.1",
    `dir ${folder}`,
    'save ""',
    `appendonly ${options.durable === true ? "yes" : "no"}`,
    ...(certificate === undefined
      ? [`port ${port}`]
      : [
          ...[
            "port 0",
            `tls-port ${port}`,
            "tls-auth-clients no",
            `tls-ca-cert-file ${certificate.certificate}`,
          ],
          ...[`tls-cert-file ${certificate.certificate}`, `tls-key-file ${certificate.key}`],
        ]),
    ...(options.lines ?? []),
  ];
  let child = await launch(configuration);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, "exit");
  };
  const start = async () => {
    child = await launch(configuration);
  };
  return {
    port,
    certificate,
    url: ({ user, database = 0 } = {}) => {
      const scheme = certificate === undefined ? "redis" : "rediss";
      return `${scheme}://${user === undefined ? "" : `${user}@`}127.0.0.1:${port}/${database}`;
    },
    start,
    restart: async () => {
      await end("SIGTERM");
      await start();
    },
    kill: () => end("SIGKILL"),
    pause: () => child.kill("SIGSTOP"),
    resume: () => child.kill("SIGCONT"),
    remove: async () => {
      await end("SIGKILL");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Starts the server; resolves when it accepts connections. */
async function launch(configuration: readonly string[]): Promise<ChildProcess> {
  if (REDIS_SERVER === undefined) throw new Error("redis-server is not installed");
  const child = spawn(REDIS_SERVER, ["-"], { stdio: ["pipe", "pipe", "ignore"], detached: true });
  tieToThisProcess(child);
  child.stdin.end(configuration.join("\n"));
  await new Promise<void>((resolve, reject) => {
    const lines: string[] = [];
    // Read to the end, so that the server never waits for its output to be read.
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (lines.length < 50) lines.push(line);
      if (line.includes("Ready to accept connections")) resolve();
    });
    child.once("exit", () => reject(new Error(`Redis has not started:\n${lines.join("\n")}`)));
  });
  return child;
}
