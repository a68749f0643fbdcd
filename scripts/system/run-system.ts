import { mkdir } from "node:fs/promises";
import { Complaint } from "./complaint.ts";
import { ConsoleLog } from "./console-log.ts";
import { onEndSignal } from "./end-signal.ts";
import { claimDataDir } from "./run-file.ts";
import type { Settings } from "./settings.ts";
import { Supervisor } from "./supervisor.ts";

/** What a system runs with. */
export type Running = {
  dataDir: string;
  supervisor: Supervisor;
  log: ConsoleLog;
  /** Aborts when the system is to end. */
  over: AbortSignal;
};

/**
 * Runs a system on its data folder until a signal ends it or one of its programs keeps dying; then ends it with `stop`, and
 * this process with it.
 */
export async function runSystem(
  dataDir: string,
  { LOG_LEVEL }: Pick<Settings, "LOG_LEVEL">,
  run: (running: Running) => Promise<void>,
  stop: (running: Running) => Promise<void>,
): Promise<never> {
  await mkdir(dataDir, { recursive: true });
  const claim = await claimDataDir(dataDir);
  const log = new ConsoleLog(LOG_LEVEL);
  const over = new AbortController();
  const supervisor = new Supervisor(log, {
    changed: claim.note,
    gaveUp: (complaint) => over.abort(complaint),
  });
  const running = { dataDir, supervisor, log, over: over.signal };
  onEndSignal(
    () => over.abort(),
    () => supervisor.kill(),
  );
  try {
    await run(running);
  } catch (error) {
    if (!over.signal.aborted) throw error;
  } finally {
    await stop(running);
  }
  if (over.signal.reason instanceof Complaint) throw over.signal.reason;
  process.exit(0);
}
