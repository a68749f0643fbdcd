import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Client } from "pg";
import { type Launch, launcher, postgresAccount } from "../../postgres/embedded/account.ts";
import { findBinaries } from "../../postgres/embedded/binaries.ts";
import { type Certificate, makeCertificate } from "./certificate.ts";
import { freePort } from "./free-port.ts";
import { findProgram } from "./programs.ts";
import { tieToThisProcess } from "./tied.ts";

/** The programs of a Postgres. */
export interface PostgresPrograms {
  readonly initdb: string;
  readonly postgres: string;
}

/** Those of the newest one that Debian's package `postgresql` has installed; undefined when there is none. */
export const DEBIAN_POSTGRES = debianPrograms();

function debianPrograms(): PostgresPrograms | undefined {
  const root = "/usr/lib/postgresql";
  const folders = versionsIn(root).map((version) => join(root, version, "bin"));
  const [initdb, postgres] = [findProgram("initdb", folders), findProgram("postgres", folders)];
  return initdb === undefined || postgres === undefined ? undefined : { initdb, postgres };
}

/** The newest first. */
function versionsIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort((a, b) => Number(b) - Number(a));
  } catch {
    // Debian's package is not installed.
    return [];
  }
}

/** The login of the superuser of every Postgres of a test. */
const SUPERUSER = "postgres:superuser-password";

/** A Postgres server of a test, on a free port of loopback. */
export interface RealPostgres {
  readonly port: number;
  readonly certificate: Certificate | undefined;
  /** Its URL for a login, `name:password`, a database, and further parameters. */
  url(options?: { login?: string; database?: string; parameters?: Record<string, string> }): string;
  /** Runs statements one after the other as the superuser; returns the rows of the last. */
  run(database: string, ...statements: string[]): Promise<Record<string, unknown>[]>;
  /** Ends it at once, keeping its data. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Ends it and removes its data. */
  remove(): Promise<void>;
}

/** Makes a database cluster and starts a server on it, without any care for the durability of its data. */
export async function startRealPostgres(
  given: PostgresPrograms | "embedded",
  options: { tls?: boolean } = {},
): Promise<RealPostgres> {
  const programs = given === "embedded" ? await findBinaries() : given;
  const folder = await mkdtemp(join(tmpdir(), "real-postgres-"));
  const data = join(folder, "data");
  const account = postgresAccount(data);
  const own = async (path: string) => {
    if (account !== undefined) await chown(path, account.uid, account.gid);
  };
  await own(folder);
  const launch = launcher(account, [folder, programs.postgres]);
  const port = await freePort();
  await makeCluster(programs.initdb, launch, folder, data);
  const certificate = options.tls === true ? await makeCertificate(folder) : undefined;
  if (certificate !== undefined) {
    await own(certificate.key);
    await writeFile(join(data, "pg_hba.conf"), "hostssl all all 127.0.0.1/32 scram-sha-256\n");
  }
  const settings = [
    ...["listen_addresses=127.0.0.1", `port=${port}`, "unix_socket_directories=", "fsync=off"],
    ...(certificate === undefined
      ? []
      : ["ssl=on", `ssl_cert_file=${certificate.certificate}`, `ssl_key_file=${certificate.key}`]),
  ];
  const args = ["-D", data, ...settings.flatMap((setting) => ["-c", setting])];
  let server = await startServer(programs.postgres, args, launch);
  const stop = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill("SIGQUIT");
    await once(server, "exit");
  };
  const real: RealPostgres = {
    port,
    certificate,
    url: ({ login = SUPERUSER, database = "postgres", parameters = {} } = {}) => {
      const url = new URL(`postgresql://${login}@127.0.0.1:${port}/${database}`);
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      return url.href;
    },
    run: async (database, ...statements) => {
      const client = new Client({
        connectionString: real.url({ database }),
        ssl: certificate === undefined ? false : { rejectUnauthorized: false },
      });
      await client.connect();
      try {
        let rows: Record<string, unknown>[] = [];
        for (const statement of statements) rows = (await client.query(statement)).rows;
        return rows;
      } finally {
        await client.end();
      }
    },
    stop,
    start: async () => {
      server = await startServer(programs.postgres, args, launch);
    },
    remove: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  return real;
}

async function makeCluster(initdb: string, launch: Launch, folder: string, data: string): Promise<void> {
  const passwordFile = join(folder, "password");
  await writeFile(passwordFile, SUPERUSER.split(":")[1] ?? "", { mode: 0o644 });
  const child = launch(
    initdb,
    [
      ...["--pgdata", data, "--username", "postgres", "--auth", "scram-sha-256", "--pwfile", passwordFile],
      ...["--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions"],
    ],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`initdb has ended with code ${code}`);
}

/** Starts the server; resolves when it accepts connections. */
async function startServer(postgres: string, args: readonly string[], launch: Launch): Promise<ChildProcess> {
  const child = launch(postgres, args, { stdio: ["ignore", "ignore", "pipe"], detached: true });
  const { stderr } = child;
  if (stderr === null) throw new Error("The output of Postgres is not read");
  tieToThisProcess(child);
  await new Promise<void>((resolve, reject) => {
    const lines: string[] = [];
    // Read to the end, so that the server never waits for its output to be read.
    createInterface({ input: stderr }).on("line", (line) => {
      if (lines.length < 50) lines.push(line);
      if (line.includes("ready to accept connections")) resolve();
    });
    child.once("exit", () => reject(new Error(`Postgres has not started:\n${lines.join("\n")}`)));
  });
  return child;
}
