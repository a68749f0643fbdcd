import { randomUUID } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { BAD_SETTING, Complaint } from "./complaint.ts";
import { signalGroup, signalProcess } from "./process-group.ts";
import { processesWith, startedAt } from "./processes.ts";
import { until } from "./until.ts";

/** The environment variable that every process of a system inherits, and by which the next start finds it. */
const MARK = "EDGE_IM_START";
const TIMEOUT_MS = 5_000;

/** The processes that use a data folder. */
const RunFile = z.object({
  /** The `npm start` process. Its start time tells it from a later process with the same id. */
  start: z.object({ pid: z.int(), startedAt: z.string() }),
  /** The value of `MARK` in all processes that it has started. */
  mark: z.uuid(),
  /** The leaders of its programs' process groups, by program name. */
  programs: z.record(z.string(), z.int()),
});
type RunFile = z.infer<typeof RunFile>;

/** The claim of this process to a data folder. */
export type Claim = {
  /** Writes the running programs into the run file: the leaders of their process groups, by program name. */
  note(programs: Readonly<Record<string, number>>): void;
};

/**
 * Claims a data folder for this process. Throws a complaint when another start uses it; ends the processes that a killed
 * start has left. From here on, the next start can find every process that this one starts.
 */
export async function claimDataDir(dataDir: string): Promise<Claim> {
  const known = readRunFile(dataDir);
  if (known !== null) {
    if (known.start.startedAt !== "" && startedAt(known.start.pid) === known.start.startedAt) {
      throw new Complaint(
        `The data folder ${dataDir} is in use by process ${known.start.pid}: end that one, or set DATA_DIR to another folder.`,
        BAD_SETTING,
      );
    }
    await endLeftovers(known);
  }
  const mark = randomUUID();
  const start = { pid: process.pid, startedAt: startedAt(process.pid) };
  const note: Claim["note"] = (programs) => writeRunFile(dataDir, { start, mark, programs: { ...programs } });
  // Written before any program is started: whenever this process is killed, the next start can find the others.
  note({});
  process.env[MARK] = mark;
  return { note };
}

/** The processes that use the data folder, or used it when the run file was last written; null when it is unreadable. */
export function readRunFile(dataDir: string): RunFile | null {
  try {
    return RunFile.parse(JSON.parse(readFileSync(runFile(dataDir), "utf8")));
  } catch {
    // The file is missing, cut off, or of an older version.
    return null;
  }
}

/** Ends all processes that are left of a start that has ended. */
async function endLeftovers({ mark, programs }: RunFile): Promise<void> {
  const groups = new Set(Object.values(programs));
  const killed = new Map<number, string>();
  const killAll = () => {
    const left = processesWith(MARK, mark);
    for (const { pid, group } of left) {
      killed.set(pid, startedAt(pid));
      // While a marked process is in a noted group, the group is still the program's: its id cannot be reused.
      if (groups.has(group)) signalGroup(group, "SIGKILL");
      else signalProcess(pid, "SIGKILL");
    }
    // A process that is ending has no environment any more, but still has its ports.
    return left.length === 0 && ![...killed].some(([pid, at]) => at !== "" && startedAt(pid) === at);
  };
  await until(async () => killAll(), AbortSignal.timeout(TIMEOUT_MS), 20);
}

function writeRunFile(dataDir: string, content: RunFile): void {
  const file = runFile(dataDir);
  writeFileSync(`${file}.new`, JSON.stringify(content));
  renameSync(`${file}.new`, file);
}

function runFile(dataDir: string): string {
  return join(dataDir, "pids.json");
}
