import { setTimeout as sleep } from "node:timers/promises";

/** Asks again and again until the answer is yes. Ends with the signal, by its reason. */
export async function until(
  answer: () => Promise<boolean>,
  signal: AbortSignal,
  everyMs = 100,
): Promise<void> {
  while (!(await answer())) await sleep(everyMs, undefined, { signal });
  signal.throwIfAborted();
}

/** Whether a GET is answered with 200. */
export async function answersOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    // Nobody listens yet, or the answer took too long: the caller asks again.
    return false;
  }
}
