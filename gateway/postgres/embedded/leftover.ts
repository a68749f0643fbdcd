import { execFile } from "node:child_process";
import { readFile, readlink, realpath, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { SOCKET_FOLDER_PREFIX } from "./address.ts";

const exec = promisify(execFile);

/** The signals that end a server, and how long each may take: a clean shutdown, one without a checkpoint, a kill. */
const ATTEMPTS = [
  ["SIGINT", 5_000],
  ["SIGQUIT", 2_000],
  ["SIGKILL", 2_000],
] as const;

/** Sends a signal to a Postgres server. */
export type SignalServer = (pid: number, signal: "SIGINT" | "SIGQUIT" | "SIGKILL") => Promise<void>;

/**
 * Ends the server that a killed gateway has left running, and removes its socket folder. The caller holds the data
 * folder, so no other gateway uses that server.
 */
export async function endLeftover(folder: string, signal: SignalServer): Promise<void> {
  const file = join(folder, "postmaster.pid");
  const lines = await readFile(file, "utf8").then(
    (text) => text.split("\n"),
    () => undefined,
  );
  if (lines === undefined) return;
  const pid = Number(lines[0]);
  if (isAlive(pid)) {
    if (await serves(pid, folder)) await end(pid, signal);
    else await disown(file, lines);
  }
  const sockets = lines[4] ?? "";
  if (basename(sockets).startsWith(SOCKET_FOLDER_PREFIX)) await rm(sockets, { recursive: true, force: true });
}

async function end(pid: number, signal: SignalServer): Promise<void> {
  for (const [name, graceMs] of ATTEMPTS) {
    await signal(pid, name);
    for (const deadline = Date.now() + graceMs; isAlive(pid) && Date.now() < deadline; ) await sleep(20);
    if (!isAlive(pid)) return;
  }
}

/** Whether a process is the Postgres of this folder, and not another program that has reused its process id. */
async function serves(pid: number, folder: string): Promise<boolean> {
  try {
    // The working directory of Postgres is its data folder.
    if (process.platform === "linux")
      return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(folder));
    const { stdout } = await (process.platform === "win32"
      ? exec("powershell", [
          "-Command",
          `(Get-CimInstance Win32_Process -Filter ProcessId=${pid}).CommandLine`,
        ])
      : exec("ps", ["-o", "command=", "-p", String(pid)]));
    return stdout.includes("postgres") && stdout.includes(folder);
  } catch {
    // The process has ended meanwhile, or belongs to another user.
    return false;
  }
}

/**
 * Replaces the process id in `postmaster.pid` by that of this process. Postgres does not start while the process in the
 * file runs, except when that is its parent. The file's other lines must stay: by them Postgres detects whether children
 * of the old server still write.
 */
async function disown(file: string, lines: readonly string[]): Promise<void> {
  if (process.platform === "win32") await rm(file);
  else await writeFile(file, [process.pid, ...lines.slice(1)].join("\n"));
}

/** Whether a process with that id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
