import { CommandError } from "./command.ts";
import { type CollectionKind, type Kind, STRING, type Value } from "./values.ts";

interface Entry {
  value: Value;
  /** In milliseconds since the epoch; infinite for a key that does not expire. */
  expiresAt: number;
  /** The number of the key in the order of creation, which is the order of the map. */
  readonly ordinal: number;
}

/** The keys that one batch of a sweep checks, and the most batches of a sweep. */
const SWEEP_BATCH = 200;
const SWEEP_BATCHES = 50;

/** The keys with their values and expiry. No method but `size` counts or returns an expired key; sweeps remove them. */
export class Keyspace {
  readonly #clock: () => number;
  readonly #entries = new Map<string, Entry>();
  /** The keys with an expiry, and the position of the sweep among them. */
  readonly #volatile = new Set<string>();
  #sweeping = this.#volatile.values();
  #lastOrdinal = 0;

  /** The time at which commands run, in milliseconds since the epoch. */
  now: number;

  constructor(clock: () => number) {
    this.#clock = clock;
    this.now = clock();
  }

  /** Updates {@link now}. The time is constant between two calls, so that no key expires in the middle of a script. */
  tick(): void {
    this.now = this.#clock();
  }

  /** The number of keys; as in Redis, expired keys count until they are removed. */
  get size(): number {
    return this.#entries.size;
  }

  has(key: string): boolean {
    return this.#live(key) !== undefined;
  }

  /** The value of a key, of any type. */
  value(key: string): Value | undefined {
    return this.#live(key)?.value;
  }

  /** The value of a key. Throws when it is of another type. */
  get<V extends Value>(key: string, kind: Kind<V>): V | undefined {
    const value = this.value(key);
    if (value === undefined || kind.is(value)) return value;
    throw new CommandError("WRONGTYPE Operation against a key holding the wrong kind of value");
  }

  /** The string of a key. Throws when the key holds another type. */
  text(key: string): string | undefined {
    return this.get(key, STRING);
  }

  /** Sets the value of a key, with a new expiry or none; `"keep"` leaves its expiry unchanged. */
  set(key: string, value: Value, expiresAt: number | "keep" = Number.POSITIVE_INFINITY): void {
    const entry = this.#live(key);
    if (entry === undefined) {
      this.#lastOrdinal += 1;
      this.#entries.set(key, { value, expiresAt: Number.POSITIVE_INFINITY, ordinal: this.#lastOrdinal });
    } else entry.value = value;
    if (expiresAt !== "keep") this.expire(key, expiresAt);
  }

  /** Sets a collection as the value of a key; an empty one removes the key. */
  setCollection<V extends Value>(key: string, kind: CollectionKind<V>, value: V): void {
    if (kind.size(value) === 0) this.delete(key);
    else this.set(key, value);
  }

  /** Calls `work` with a key's collection, or a new one. Removes the key when the collection is empty afterwards. */
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

  /** The expiry of a key (ms since the epoch): infinite for a key without one, undefined when the key does not exist. */
  expiryOf(key: string): number | undefined {
    return this.#live(key)?.expiresAt;
  }

  /** Sets the expiry of a key (ms since the epoch); one in the past removes the key. */
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
   * exists during the whole scan is found, whatever other keys are added and removed.
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
   * Removes expired keys, with bounded work: checks the next batch of keys with an expiry, and, as Redis does, another
   * one while more than a quarter of a batch has expired.
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
