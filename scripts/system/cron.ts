import { setTimeout as sleep } from "node:timers/promises";
import type { ConsoleLog } from "./console-log.ts";

/** The path of Miniflare that triggers cron. */
const PATH = "/cdn-cgi/local/scheduled?cron=*+*+*+*+*&format=json";

/** Runs task's cron periodically until the signal aborts. In production, the platform does this. */
export async function driveCron(
  system: string,
  everySeconds: number,
  log: ConsoleLog,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await sleep(everySeconds * 1_000, undefined, { signal }).catch(() => {});
    if (!signal.aborted) await runCron(system, log, signal);
  }
}

/** Runs task's cron once. A failure is logged; the next run retries. */
export async function runCron(system: string, log: ConsoleLog, signal: AbortSignal): Promise<void> {
  await callCron(system).catch((error: unknown) => {
    if (!signal.aborted) log.say("cron", error instanceof Error ? error.message : String(error), "warn");
  });
}

/** Calls task's cron once; throws when it fails. */
export async function callCron(system: string): Promise<void> {
  const response = await fetch(`${system}${PATH}`, { signal: AbortSignal.timeout(60_000) });
  const text = await response.text();
  if (!response.ok || !text.includes('"outcome":"ok"'))
    throw new Error(`cron failed: ${response.status} ${text}`);
}
