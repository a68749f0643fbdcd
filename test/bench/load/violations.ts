/** The most violations that are described; further ones are counted. */
const MAX_DESCRIBED = 20;

/** Collects descriptions of promises that were not kept, up to a bound. */
export class Violations {
  readonly #first = new AbortController();
  #described: string[] = [];
  #count = 0;

  /** Aborted by the first violation, so that the load ends. */
  get signal(): AbortSignal {
    return this.#first.signal;
  }

  add(violation: string): void {
    this.#first.abort();
    this.#count += 1;
    if (this.#described.length < MAX_DESCRIBED) this.#described.push(violation);
  }

  /** Returns and removes all violations so far. */
  take(): string[] {
    const more = this.#count - this.#described.length;
    const all = more > 0 ? [...this.#described, `and ${more} more`] : this.#described;
    this.#described = [];
    this.#count = 0;
    return all;
  }
}
