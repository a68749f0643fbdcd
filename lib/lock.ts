/**
 * How a lock is set: when nobody holds it, and for so long (milliseconds). The response is who holds it already: that may be
 * its own owner, because the client repeats a request whose response was lost.
 */
export function lockFor(ms: number) {
  return { nx: true, px: ms, get: true } as const;
}

/** Whether the response to setting a lock means that this owner has it. */
export function hasLock(owner: string, holder: unknown): boolean {
  return holder === null || holder === owner;
}
