import { until } from "./until.ts";

const PATIENCE_MS = 5_000;

/** Signals every process of a group. Answers whether there was any. */
export function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}

/** Answers when the last process of a group is gone, and with it the ports and files that it held. */
export async function groupEnded(pid: number): Promise<void> {
  await until(async () => !signalGroup(pid, 0), AbortSignal.timeout(PATIENCE_MS), 20);
}
