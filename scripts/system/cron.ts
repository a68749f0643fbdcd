import { setTimeout as sleep } from "node:timers/promises";
import type { ConsoleLog } from "./console-log.ts";

/** The path of Miniflare that triggers cron. */
const PATH = "/cdn-cgi/local/scheduled?cron=*+*+*+*+*&format=json";

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

/** Calls task's cron once, as Miniflare offers it; throws when it fails. */
export async function callCron(system: string): Promise<void> {
  const response = await fetch(`${system}${PATH}`, { signal: AbortSignal.timeout(60_000) });
  const text = await response.text();
  if (!response.ok || !text.includes('"outcome":"ok"'))
    throw new Error(`cron failed: ${response.status} ${text}`);
}
