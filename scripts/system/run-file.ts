import { randomUUID } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { BAD_SETTING, Complaint } from "./complaint.ts";
import { signalGroup, signalProcess } from "./process-group.ts";
import { processesWith, startedAt } from "./processes.ts";
import { until } from "./until.ts";

/** The variable that every process of a system inherits, so that it can be told from all others. */
const MARK = "EDGE_IM_START";
const PATIENCE_MS = 5_000;

/** Which processes work on a data folder. */
const RunFile = z.object({
  /** `start` itself, told from a later process with the same id by when it started. */
  start: z.object({ pid: z.int(), startedAt: z.string() }),
  /** What `MARK` is in all that it has started. */
  mark: z.uuid(),
  /** By name, the leaders of its programs' process groups. */
  programs: z.record(z.string(), z.int()),
});
type RunFile = z.infer<typeof RunFile>;

/** A data folder that this process works on. */
export type Claim = {
  /** Writes down which programs run now: by name, the leaders of their process groups. */
  note(programs: Readonly<Record<string, number>>): void;
};

/**
 * Makes sure that nobody else works on a data folder: complains when another start does, and ends what a start that
 * was killed has left behind. From here on all that this process starts can be found by the next one.
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
  // Known before anything is started: no moment of a kill leaves behind what the next start cannot find.
  note({});
  process.env[MARK] = mark;
  return { note };
}

/** Which processes work on the data folder, or did when it was last written down; null when that is not known. */
export function readRunFile(dataDir: string): RunFile | null {
  try {
    return RunFile.parse(JSON.parse(readFileSync(runFile(dataDir), "utf8")));
  } catch {
    // There is none, it was cut off, or it is of an older version.
    return null;
  }
}

/** Ends every process of a start that is gone, whichever of them have survived it. */
async function endLeftovers({ mark, programs }: RunFile): Promise<void> {
  const groups = new Set(Object.values(programs));
  const killAll = () => {
    const left = processesWith(MARK, mark);
    for (const { pid, group } of left) {
      // A program's group is its own while one marked process is in it: an id is not given away while a group has it.
      if (groups.has(group)) signalGroup(group, "SIGKILL");
      else signalProcess(pid, "SIGKILL");
    }
    return left.length === 0;
  };
  await until(async () => killAll(), AbortSignal.timeout(PATIENCE_MS), 20);
}

function writeRunFile(dataDir: string, content: RunFile): void {
  const file = runFile(dataDir);
  writeFileSync(`${file}.new`, JSON.stringify(content));
  renameSync(`${file}.new`, file);
}

function runFile(dataDir: string): string {
  return join(dataDir, "pids.json");
}
