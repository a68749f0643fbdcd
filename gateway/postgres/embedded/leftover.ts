import { execFile } from "node:child_process";
import { readFile, readlink, realpath, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { SOCKET_FOLDER_PREFIX } from "./address.ts";

const exec = promisify(execFile);

/** Ask it to end, then to end without a checkpoint, then end it; how long each may take. */
const ATTEMPTS = [
  ["SIGINT", 5_000],
  ["SIGQUIT", 2_000],
  ["SIGKILL", 2_000],
] as const;

/** Sends a signal to a Postgres server. */
export type SignalServer = (pid: number, signal: "SIGINT" | "SIGQUIT" | "SIGKILL") => Promise<void>;

/**
 * Ends the server that a killed gateway has left behind, and removes what it left. The caller holds the data folder, so
 * no other gateway uses that server.
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
  for (const [name, patience] of ATTEMPTS) {
    await signal(pid, name);
    for (const deadline = Date.now() + patience; isAlive(pid) && Date.now() < deadline; ) await sleep(20);
    if (!isAlive(pid)) return;
  }
}

/** Whether a process is the Postgres of this folder, and not another program that got the id of one that is gone. */
async function serves(pid: number, folder: string): Promise<boolean> {
  try {
    // Postgres works in its data folder.
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
    // It has ended meanwhile, or belongs to somebody else.
    return false;
  }
}

/**
 * Postgres does not start while the process in its file lives, unless that is its own parent. Naming this process keeps
 * the file's other lines, by which Postgres sees whether children of the old server still write.
 */
async function disown(file: string, lines: readonly string[]): Promise<void> {
  if (process.platform === "win32") await rm(file);
  else await writeFile(file, [process.pid, ...lines.slice(1)].join("\n"));
}

/** Whether there is a process of that id. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
