import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execaSync } from "execa";
import { z } from "zod";
import { BAD_SETTING, Complaint } from "./complaint.ts";
import { groupEnded, signalGroup } from "./process-group.ts";

/** A process, told from a later one with the same id by when it started. */
const Running = z.object({ pid: z.int(), startedAt: z.string() });
type Running = z.infer<typeof Running>;

/** Which processes work on a data folder, by name: `start` itself and its programs. */
const RunFile = z.record(z.string(), Running);
type RunFile = z.infer<typeof RunFile>;

/**
 * Makes sure that nobody else works on a data folder: complains when another start does, and ends what a start that
 * was killed has left behind.
 */
export async function claimDataDir(dataDir: string): Promise<void> {
  const { start, ...programs } = readRunFile(dataDir);
  if (start !== undefined && isRunning(start)) {
    throw new Complaint(
      `The data folder ${dataDir} is in use by process ${start.pid}: end that one, or set DATA_DIR to another folder.`,
      BAD_SETTING,
    );
  }
  for (const program of Object.values(programs)) {
    if (!isRunning(program)) continue;
    signalGroup(program.pid, "SIGKILL");
    await groupEnded(program.pid);
  }
}

/** Writes down who works on the data folder now. */
export function writeRunFile(dataDir: string, pids: Readonly<Record<string, number>>): void {
  const entries = Object.entries(pids).map(([name, pid]) => [name, { pid, startedAt: startedAt(pid) }]);
  const file = runFile(dataDir);
  writeFileSync(`${file}.new`, JSON.stringify(Object.fromEntries(entries)));
  renameSync(`${file}.new`, file);
}

/** Who works on the data folder, or did when it was last written down. */
export function readRunFile(dataDir: string): RunFile {
  try {
    return RunFile.parse(JSON.parse(readFileSync(runFile(dataDir), "utf8")));
  } catch {
    // There is none, or it was cut off: then there is nobody to be known.
    return {};
  }
}

function isRunning({ pid, startedAt: known }: Running): boolean {
  return known !== "" && startedAt(pid) === known;
}

/** When a process started, in whatever words the machine has for it; empty when it is gone. */
function startedAt(pid: number): string {
  if (process.platform !== "linux") {
    return execaSync("ps", ["-o", "lstart=", "-p", String(pid)], { reject: false }).stdout.trim();
  }
  try {
    // The 22nd field; the 2nd, the program's name, may hold blanks and brackets.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    // No such process.
    return "";
  }
}

function runFile(dataDir: string): string {
  return join(dataDir, "pids.json");
}
