import { CLOSE } from "../../../schema/wire/socket.ts";

const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** The close codes after which the wait is longer: the server is full, or was sent too much. */
const BUSY: readonly number[] = [CLOSE.tryAgainLater.code, CLOSE.tooManyFrames.code];
const BUSY_MS = 1_000;

/**
 * How many ms to wait before attempt `attempt` (from 0): anything up to a bound that doubles ("full jitter"), so that
 * all who lost their sockets at one moment reconnect spread out.
 */
export function waitBefore(attempt: number, closeCode: number, random: number): number {
  const bound = Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);
  return Math.round(bound * random) + (BUSY.includes(closeCode) ? BUSY_MS : 0);
}

/** Whether a client reconnects after a close; unknown codes are faults of the network. */
export function mayReconnect(closeCode: number): boolean {
  return Object.values(CLOSE).find(({ code }) => code === closeCode)?.reconnect ?? true;
}
