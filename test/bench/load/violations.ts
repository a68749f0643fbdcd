/** How many are told in words; the others are counted. */
const MOST_TOLD = 20;

/** Collects promises that were not kept, in words, and does not drown in them. */
export class Violations {
  readonly #first = new AbortController();
  #told: string[] = [];
  #count = 0;

  /** Aborted by the first: there is no use in loading what does not keep its promises. */
  get signal(): AbortSignal {
    return this.#first.signal;
  }

  add(violation: string): void {
    this.#first.abort();
    this.#count += 1;
    if (this.#told.length < MOST_TOLD) this.#told.push(violation);
  }

  /** All since the last time. */
  take(): string[] {
    const more = this.#count - this.#told.length;
    const all = more > 0 ? [...this.#told, `and ${more} more`] : this.#told;
    this.#told = [];
    this.#count = 0;
    return all;
  }
}
