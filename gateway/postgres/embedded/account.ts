import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from "node:child_process";
import { readFileSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import { EmbeddedPostgresError } from "./error.ts";

/** An account of the operating system. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The account that runs Postgres. Postgres refuses to run as root: when this process is root, the account is the owner
 * of the data folder, or `nobody` when root owns the folder or it does not exist. Undefined for this process's account.
 */
export function postgresAccount(folder: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statSync(folder, { throwIfNoEntry: false });
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const id = (flag: string) => Number(execFileSync("id", [flag, "nobody"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

/** Starts a program. It does not inherit this process's environment, which holds secrets. */
export type Launch = (file: string, args: readonly string[], options: SpawnOptions) => ChildProcess;

/**
 * Makes a function that starts programs under an account. When the account may not enter a folder above one of the
 * `paths`, such as `/root`, the programs keep one capability of root: to enter folders and read files.
 */
export function launcher(account: Account | undefined, paths: readonly string[]): Launch {
  const closed = account && paths.flatMap(ancestors).find((folder) => !mayEnter(statSync(folder), account));
  if (account === undefined || closed === undefined) {
    return (file, args, options) => spawn(file, args, { ...account, ...options, env: environment() });
  }
  const right = rightToEnter();
  if (right === undefined) {
    throw new EmbeddedPostgresError(
      `Postgres does not run as root but as user ${account.uid}, who may not enter ${closed}: run this as another user`,
    );
  }
  const rights = ["inh-caps", "ambient-caps", "bounding-set"].map((set) => `--${set}=-all,+${right}`);
  const setpriv = [`--reuid=${account.uid}`, `--regid=${account.gid}`, "--clear-groups", ...rights];
  return (file, args, options) =>
    spawn("setpriv", [...setpriv, file, ...args], { ...options, env: environment() });
}

function ancestors(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [...ancestors(parent), path];
}

function mayEnter(folder: Stats, { uid, gid }: Account): boolean {
  if (folder.uid === uid) return (folder.mode & 0o100) !== 0;
  if (folder.gid === gid) return (folder.mode & 0o010) !== 0;
  return (folder.mode & 0o001) !== 0;
}

/** The least capability of this process, on Linux, that lets it enter every folder. */
function rightToEnter(): string | undefined {
  if (process.platform !== "linux") return undefined;
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
  return CAPABILITIES.find(([bit]) => (BigInt(`0x${effective}`) >> bit) & 1n)?.[1];
}

/** By bit, the lesser one first. Root in a container often has only the second. */
const CAPABILITIES = [
  [2n, "dac_read_search"],
  [1n, "dac_override"],
] as const;

function environment(): NodeJS.ProcessEnv {
  const { PATH, SystemRoot, TEMP, TMP } = process.env;
  return { PATH, SystemRoot, TEMP, TMP, LC_ALL: "C", TZ: "UTC" };
}
