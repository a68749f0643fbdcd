import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chown, mkdir, open, readdir, readFile, rename, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import type { Account, Launch } from "./account.ts";
import { EmbeddedPostgresError } from "./error.ts";

/** The version of Postgres in package.json; it opens only clusters of this version. */
const MAJOR_VERSION = "18";

/** The tools that create a cluster. */
export interface ClusterTools {
  readonly initdb: string;
  readonly launch: Launch;
  readonly account: Account | undefined;
}

/**
 * Creates the database cluster in `folder` when there is none. Returns the password of its user `postgres`, which is
 * kept in a file beside it. Throws an {@link EmbeddedPostgresError} when the existing cluster cannot be opened.
 */
export async function openCluster(folder: string, tools: ClusterTools): Promise<string> {
  const passwordFile = `${folder}-password`;
  const contents = await unlessMissing(readdir(folder));
  if (contents === undefined || contents.length === 0) return await makeCluster(folder, passwordFile, tools);
  const version = await unlessMissing(readFile(join(folder, "PG_VERSION"), "utf8"));
  const password = await unlessMissing(readFile(passwordFile, "utf8"));
  if (version?.trim() !== MAJOR_VERSION || password === undefined) {
    throw new EmbeddedPostgresError(
      `The database in ${folder} is of an older kind that cannot be opened: move the folder away or delete it, and a new one is made`,
    );
  }
  if (tools.account !== undefined) await giveTo(tools.account, folder, passwordFile);
  return password;
}

/** Gives the cluster to the account: Postgres opens only its own folder, and one that root has copied belongs to root. */
async function giveTo({ uid, gid }: Account, folder: string, passwordFile: string): Promise<void> {
  if ((await stat(folder)).uid === uid) return;
  await promisify(execFile)("chown", ["-R", `${uid}:${gid}`, folder, passwordFile]);
}

/** Creates the cluster in another folder and renames that when it is complete, so that no crash leaves a partial one. */
async function makeCluster(folder: string, passwordFile: string, tools: ClusterTools): Promise<string> {
  const { account } = tools;
  const fresh = `${folder}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { mode: 0o700 });
  const password = randomBytes(24).toString("base64url");
  await writeFile(passwordFile, password, { mode: 0o600, flush: true });
  if (account !== undefined) {
    for (const path of [fresh, passwordFile]) await chown(path, account.uid, account.gid);
  }
  await runInitdb(tools, [
    ...["--pgdata", fresh, "--username", "postgres", "--auth", "scram-sha-256", "--pwfile", passwordFile],
    // Characters compare and fold the same on every machine, independent of its locales.
    ...["--encoding", "UTF8", "--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"],
    // In megabytes. The WAL is kept in whole segments, so small segments keep the folder small.
    ...["--wal-segsize", "4", "--no-instructions"],
  ]);
  await unlessMissing(rmdir(folder));
  await rename(fresh, folder);
  await syncFolder(dirname(folder));
  return password;
}

async function runInitdb({ initdb, launch }: ClusterTools, args: readonly string[]): Promise<void> {
  const child = launch(initdb, args, { stdio: ["ignore", "ignore", "pipe"] });
  const [output, [code]] = await Promise.all([
    child.stderr === null ? "" : text(child.stderr),
    once(child, "exit"),
  ]);
  if (code !== 0) throw new EmbeddedPostgresError(`Postgres could not make a database: ${output.trim()}`);
}

/** Flushes a folder, which puts a rename in it on disk. Windows cannot open folders, and does not need this. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder);
  await handle.sync();
  await handle.close();
}

async function unlessMissing<Result>(reading: Promise<Result>): Promise<Result | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
