/**
 * What this isolate has done since it began: counters that health shows and the benchmark takes differences of. State
 * of the module on purpose: an isolate has no other name, and nothing depends on the numbers.
 */
export class Isolate {
  #id: string | undefined;
  readonly #counts = new Map<string, number>();

  /** Counts one more of something. */
  count(name: string, by = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
  }

  /** The isolate as an instance of its layer. */
  report(): Record<string, string | number> {
    // Not sooner: nothing random may be made while a Worker starts.
    this.#id ??= crypto.randomUUID().slice(0, 8);
    return { isolate: this.#id, ...Object.fromEntries(this.#counts) };
  }
}
