interface Waiting {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** What a call says of the keys that failed alone; it throws when all failed. */
export type Failures<Key> = ReadonlyMap<Key, Error>;

/**
 * Gathers keys while a call is under way; the next call takes what was gathered. A key that is asked for several times
 * is in one call. There is no timer: a single key is in a call at once.
 */
export class SharedCalls<Key> {
  readonly #call: (keys: readonly Key[]) => Promise<Failures<Key>>;
  readonly #most: number;
  readonly #waiting = new Map<Key, Waiting[]>();
  #busy = false;

  /** `most` is the number of keys that one call takes. */
  constructor(call: (keys: readonly Key[]) => Promise<Failures<Key>>, most: number) {
    this.#call = call;
    this.#most = most;
  }

  /** Resolves when a call with this key, begun after now, has succeeded; rejects when it has failed. */
  add(key: Key): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(key) ?? [];
      waiting.push({ resolve, reject });
      this.#waiting.set(key, waiting);
      if (this.#busy) return;
      this.#busy = true;
      // In the next turn, so that keys that come together are in one call.
      setImmediate(() => void this.#run());
    });
  }

  async #run(): Promise<void> {
    while (this.#waiting.size > 0) {
      const taken = [...this.#waiting].slice(0, this.#most);
      for (const [key] of taken) this.#waiting.delete(key);
      const failures = await this.#callFor(taken.map(([key]) => key));
      for (const [key, waiting] of taken) {
        const failure = failures instanceof Error ? failures : failures.get(key);
        for (const { resolve, reject } of waiting) failure === undefined ? resolve() : reject(failure);
      }
    }
    this.#busy = false;
  }

  async #callFor(keys: readonly Key[]): Promise<Failures<Key> | Error> {
    try {
      return await this.#call(keys);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}
