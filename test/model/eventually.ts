import { setTimeout as pause } from "node:timers/promises";

/** How long something may take on a busy machine, and how long to wait before looking again (milliseconds). */
const PATIENCE_MS = 30_000;
const INTERVAL_MS = 10;

/** Waits until a look finds something: not null. */
export async function eventually<Found>(
  what: string,
  look: () => Found | null | Promise<Found | null>,
): Promise<Found> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (Date.now() > end) throw new Error(`waited ${PATIENCE_MS} ms for ${what}`);
    await pause(INTERVAL_MS);
  }
}
