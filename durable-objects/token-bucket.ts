/** A token bucket: `burst` tokens at most, `rate` new ones a second, refilled by the clock when it is used. */
export class TokenBucket {
  readonly #rate: number;
  readonly #burst: number;
  #tokens: number;
  #at: number;

  /** Starts full; `now` is in milliseconds, here and below. */
  constructor(rate: number, burst: number, now: number) {
    this.#rate = rate;
    this.#burst = burst;
    this.#tokens = burst;
    this.#at = now;
  }

  /** Takes tokens and returns 0; or takes none, and returns in how many milliseconds there will be so many. */
  take(now: number, count = 1): number {
    // A clock that steps back must neither take tokens away nor give them twice.
    const passed = Math.max(0, now - this.#at);
    this.#tokens = Math.min(this.#burst, this.#tokens + (passed * this.#rate) / 1000);
    this.#at = Math.max(this.#at, now);
    if (this.#tokens < count) return Math.ceil(((count - this.#tokens) * 1000) / this.#rate);
    this.#tokens -= count;
    return 0;
  }
}
