import { CommandError } from "./command.ts";
import { type CollectionKind, type Kind, STRING, type Value } from "./values.ts";

interface Entry {
  value: Value;
  /** In milliseconds since the epoch; infinite for a key that does not expire. */
  expiresAt: number;
  /** Rises with every key that is made, in the order in which the map holds them. */
  readonly ordinal: number;
}

/** How many keys with an expiry one batch of a sweep looks at, and how many batches a sweep has at most. */
const SWEEP_BATCH = 200;
const SWEEP_BATCHES = 50;

/** The keys, what they hold and when they expire. A key that has expired is never seen, and removed by and by. */
export class Keyspace {
  readonly #clock: () => number;
  readonly #entries = new Map<string, Entry>();
  /** The keys with an expiry, and how far the sweep has come among them. */
  readonly #volatile = new Set<string>();
  #sweeping = this.#volatile.values();
  #lastOrdinal = 0;

  /** The time at which commands run, in milliseconds since the epoch. */
  now: number;

  constructor(clock: () => number) {
    this.#clock = clock;
    this.now = clock();
  }

  /** Brings {@link now} up to date. Between two calls time does not pass: no key expires half way through a script. */
  tick(): void {
    this.now = this.#clock();
  }

  /** The number of keys; like Redis', it counts those that have expired and not been removed yet. */
  get size(): number {
    return this.#entries.size;
  }

  has(key: string): boolean {
    return this.#live(key) !== undefined;
  }

  /** What a key holds, of whatever type. */
  value(key: string): Value | undefined {
    return this.#live(key)?.value;
  }

  /** What a key holds, which must be of that type. */
  get<V extends Value>(key: string, kind: Kind<V>): V | undefined {
    const value = this.value(key);
    if (value === undefined || kind.is(value)) return value;
    throw new CommandError("WRONGTYPE Operation against a key holding the wrong kind of value");
  }

  /** The string that a key holds. */
  text(key: string): string | undefined {
    return this.get(key, STRING);
  }

  /** Lets a key hold a value, with a new expiry or none; `"keep"` leaves the one that it has. */
  set(key: string, value: Value, expiresAt: number | "keep" = Number.POSITIVE_INFINITY): void {
    const entry = this.#live(key);
    if (entry === undefined) {
      this.#lastOrdinal += 1;
      this.#entries.set(key, { value, expiresAt: Number.POSITIVE_INFINITY, ordinal: this.#lastOrdinal });
    } else entry.value = value;
    if (expiresAt !== "keep") this.expire(key, expiresAt);
  }

  /** Lets a key hold a collection; an empty one removes the key. */
  setCollection<V extends Value>(key: string, kind: CollectionKind<V>, value: V): void {
    if (kind.size(value) === 0) this.delete(key);
    else this.set(key, value);
  }

  /** Works on a key's collection, a new one where there is none; one that is empty afterwards is removed. */
  edit<V extends Value, Result>(
    key: string,
    kind: CollectionKind<V>,
    work: (collection: V) => Result,
  ): Result {
    const held = this.get(key, kind);
    const collection = held ?? kind.empty();
    const result = work(collection);
    if (kind.size(collection) === 0) this.delete(key);
    else if (held === undefined) this.set(key, collection);
    return result;
  }

  delete(key: string): boolean {
    const existed = this.has(key);
    this.#remove(key);
    return existed;
  }

  clear(): void {
    this.#entries.clear();
    this.#volatile.clear();
  }

  /** When a key expires: infinite when it does not, undefined when it does not exist. */
  expiryOf(key: string): number | undefined {
    return this.#live(key)?.expiresAt;
  }

  /** Has a key expire at a time; one that has passed removes it. */
  expire(key: string, expiresAt: number): void {
    const entry = this.#live(key);
    if (entry === undefined) return;
    entry.expiresAt = expiresAt;
    if (expiresAt <= this.now) this.#remove(key);
    else if (expiresAt === Number.POSITIVE_INFINITY) this.#volatile.delete(key);
    else this.#volatile.add(key);
  }

  /** All keys, the oldest first. */
  *keys(): Generator<string> {
    for (const key of this.#entries.keys()) if (this.has(key)) yield key;
  }

  /**
   * Up to `count` keys after a cursor, and the next cursor, 0 at the end. A cursor is a key's ordinal, so a key that
   * is there all the time is found whatever is added and removed meanwhile.
   */
  scan(cursor: number, count: number): { readonly cursor: number; readonly keys: readonly string[] } {
    const keys: string[] = [];
    for (const [key, { ordinal }] of this.#entries) {
      if (ordinal <= cursor || !this.has(key)) continue;
      keys.push(key);
      if (keys.length === count) return { cursor: ordinal === this.#lastOrdinal ? 0 : ordinal, keys };
    }
    return { cursor: 0, keys };
  }

  /**
   * Removes expired keys, with bounded work: it looks at the next batch of those with an expiry, and, as Redis does, at
   * another while more than a quarter of a batch had expired.
   */
  sweep(): void {
    this.tick();
    for (let batch = 0; batch < SWEEP_BATCHES; batch += 1) {
      if (this.#sweepBatch() <= SWEEP_BATCH / 4) return;
    }
  }

  #sweepBatch(): number {
    let expired = 0;
    for (let looked = 0; looked < SWEEP_BATCH; looked += 1) {
      const { value: key, done } = this.#sweeping.next();
      if (done === true) {
        this.#sweeping = this.#volatile.values();
        break;
      }
      if (!this.has(key)) expired += 1;
    }
    return expired;
  }

  #live(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.expiresAt > this.now) return entry;
    this.#remove(key);
    return undefined;
  }

  #remove(key: string): void {
    this.#entries.delete(key);
    this.#volatile.delete(key);
  }
}
