const PERIOD_MS = 60_000;

/**
 * Stands in for the platform's rate-limit binding: so many requests a minute of each key. As there, each process counts for
 * itself. It holds the keys of one minute only.
 */
export class AddressLimit implements RateLimit {
  readonly #most: number;
  #counts = new Map<string, number>();
  #until = 0;

  constructor(most: number) {
    this.#most = most;
  }

  async limit({ key }: RateLimitOptions): Promise<RateLimitOutcome> {
    const now = Date.now();
    if (now >= this.#until) {
      this.#counts = new Map();
      this.#until = now + PERIOD_MS;
    }
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return { success: count <= this.#most };
  }
}
