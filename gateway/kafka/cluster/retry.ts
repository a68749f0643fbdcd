import { setTimeout as sleep } from "node:timers/promises";
import { LogUnavailable } from "../engine.ts";
import { mayPass } from "./faults.ts";

const FIRST_WAIT_MS = 5;
const LONGEST_WAIT_MS = 500;

/** How long to wait before the next attempt: short at first, because a new topic is there within milliseconds. */
export function waitBefore(attempt: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt);
}

/**
 * Repeats `work` while it fails with what may pass, for `withinMs`. Only for work that may be done twice. After that it
 * throws {@link LogUnavailable}; other errors are thrown at once.
 */
export async function retried<Result>(withinMs: number, work: () => Promise<Result>): Promise<Result> {
  const deadline = performance.now() + withinMs;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!mayPass(error)) throw error;
      const wait = waitBefore(attempt);
      if (performance.now() + wait > deadline) throw new LogUnavailable(error);
      await sleep(wait);
    }
  }
}
