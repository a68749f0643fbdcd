/** Milliseconds since the Unix epoch at which our ids begin: 2024-01-01T00:00:00Z. */
export const SNOWFLAKE_EPOCH = 1_704_067_200_000;

const WORKER_BITS = 10n;
const SEQUENCE_BITS = 12n;
const MAX_SEQUENCE = (1 << 12) - 1;

/** How many workers can stamp at the same time. */
export const SNOWFLAKE_WORKERS = 1 << 10;

/**
 * Generates 64-bit ids in Twitter's Snowflake layout: 41 bits of milliseconds, 10 of worker, 12 of sequence. The ids of
 * one generator always rise: when the clock steps back, it counts on from its newest id.
 */
export class Snowflake {
  readonly workerId: number;
  readonly #now: () => number;
  #lastMs = 0;
  #sequence = 0;

  /** `workerId` is 0 to 1023; no other generator may use it at the same time. `now` returns ms since the Unix epoch. */
  constructor(workerId: number, now: () => number = Date.now) {
    this.workerId = workerId;
    this.#now = now;
  }

  /** The millisecond of the newest id, 0 before the first. */
  get lastMs(): number {
    return this.#lastMs;
  }

  /** Makes every further id later than this millisecond, which is the newest that another worker may have used. */
  raise(floorMs: number): void {
    if (floorMs < this.#lastMs) return;
    this.#lastMs = floorMs;
    this.#sequence = MAX_SEQUENCE;
  }

  /** The next id: greater than all earlier ones. */
  next(): bigint {
    const now = this.#now();
    if (now > this.#lastMs) {
      this.#lastMs = now;
      this.#sequence = 0;
    } else if (this.#sequence < MAX_SEQUENCE) {
      this.#sequence += 1;
    } else {
      this.#lastMs += 1;
      this.#sequence = 0;
    }
    const ms = BigInt(this.#lastMs - SNOWFLAKE_EPOCH);
    return (((ms << WORKER_BITS) | BigInt(this.workerId)) << SEQUENCE_BITS) | BigInt(this.#sequence);
  }
}

/** The millisecond at which an id was stamped. */
export function snowflakeMs(id: bigint): number {
  return Number(id >> (WORKER_BITS + SEQUENCE_BITS)) + SNOWFLAKE_EPOCH;
}
