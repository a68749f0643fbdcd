import { groupRuns } from "./processes.ts";
import { until } from "./until.ts";

const TIMEOUT_MS = 5_000;

/** Signals one process. Returns whether it exists. */
export function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}

/** Signals every process of a group. Returns whether the group has any process; zombies count. */
export function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  return signalProcess(-pid, signal);
}

/** Resolves when the last process of a group has ended, so that its ports and files are free. */
export async function groupEnded(pid: number): Promise<void> {
  await until(async () => !signalGroup(pid, 0) || !groupRuns(pid), AbortSignal.timeout(TIMEOUT_MS), 50);
}
