/** Milliseconds since the Unix epoch at which our ids begin: 2024-01-01T00:00:00Z. */
export const SNOWFLAKE_EPOCH = 1_704_067_200_000;

const WORKER_BITS = 10n;
const SEQUENCE_BITS = 12n;
const MAX_SEQUENCE = (1 << 12) - 1;

/** How many workers can stamp at the same time. */
export const SNOWFLAKE_WORKERS = 1 << 10;

/**
 * Stamps 64-bit ids as Twitter's Snowflake did: 41 bits of milliseconds, 10 of worker, 12 of sequence. Ids of one
 * generator always rise, also when the clock steps back: it then counts on from where it was.
 */
export class Snowflake {
  readonly workerId: number;
  readonly #now: () => number;
  #lastMs = 0;
  #sequence = 0;

  /** `workerId` is 0 to 1023 and must be nobody else's meanwhile; `now` answers milliseconds since the Unix epoch. */
  constructor(workerId: number, now: () => number = Date.now) {
    this.workerId = workerId;
    this.#now = now;
  }

  /** The millisecond of the newest id, 0 before the first. */
  get lastMs(): number {
    return this.#lastMs;
  }

  /** From now on every id is later than this millisecond: what other workers may have stamped. */
  raise(floorMs: number): void {
    if (floorMs < this.#lastMs) return;
    this.#lastMs = floorMs;
    this.#sequence = MAX_SEQUENCE;
  }

  /** The next id: greater than every one before. */
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
