import { setTimeout as sleep } from "node:timers/promises";
import type { ConsoleLog } from "./console-log.ts";

/** Runs task's cron, by `call`, periodically until the signal aborts. On Cloudflare, the platform does this. */
export async function driveCron(
  call: () => Promise<void>,
  everySeconds: number,
  log: ConsoleLog,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await sleep(everySeconds * 1_000, undefined, { signal }).catch(() => {});
    if (!signal.aborted) await runCron(call, log, signal);
  }
}

/** Runs task's cron once. A failure is logged; the next run retries. */
export async function runCron(
  call: () => Promise<void>,
  log: ConsoleLog,
  signal: AbortSignal,
): Promise<void> {
  await call().catch((error: unknown) => {
    if (!signal.aborted) log.say("cron", error instanceof Error ? error.message : String(error), "warn");
  });
}
