import { groupRuns } from "./processes.ts";
import { until } from "./until.ts";

const PATIENCE_MS = 5_000;

/** Signals one process. Returns whether it exists. */
export function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}

/** Signals every process of a group. Returns whether there was any, be it a zombie. */
export function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  return signalProcess(-pid, signal);
}

/** Resolves when the last process of a group has ended, and with it the ports and files that it held are free. */
export async function groupEnded(pid: number): Promise<void> {
  await until(async () => !signalGroup(pid, 0) || !groupRuns(pid), AbortSignal.timeout(PATIENCE_MS), 50);
}
