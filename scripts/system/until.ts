import { setTimeout as sleep } from "node:timers/promises";

/** Polls `condition` until it is true. Rejects when the signal aborts. */
export async function until(
  condition: () => Promise<boolean>,
  signal: AbortSignal,
  everyMs = 100,
): Promise<void> {
  while (!(await condition())) await sleep(everyMs, undefined, { signal });
  signal.throwIfAborted();
}

/** Whether a GET of the URL returns a success status within 5 s. */
export async function isHealthy(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    // Nothing listens yet, or the response took too long: not healthy.
    return false;
  }
}
