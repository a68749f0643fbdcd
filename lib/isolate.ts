/**
 * Counts what this isolate has done since it started. Health shows the counters; the benchmark takes their differences.
 * An instance lives at module level, because it must last as long as the isolate; no behaviour depends on the numbers.
 */
export class Isolate {
  #id: string | undefined;
  readonly #counts = new Map<string, number>();

  /** Adds to a counter. */
  count(name: string, by = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
  }

  /** The isolate's id and counters, as health lists them among the instances of a layer. */
  report(): Record<string, string | number> {
    // Not at construction: a Worker may not generate random values in global scope.
    this.#id ??= crypto.randomUUID().slice(0, 8);
    return { isolate: this.#id, ...Object.fromEntries(this.#counts) };
  }
}
