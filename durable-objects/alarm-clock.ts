/** The object's one alarm. Its time is kept in memory too, for reading and setting it go to storage. */
export class AlarmClock {
  readonly #storage: DurableObjectStorage;
  #at: number | null = null;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  /** When it rings (milliseconds); null when it is not set. */
  get at(): number | null {
    return this.#at;
  }

  /** Reads what it was set to before the object woke. */
  async load(): Promise<void> {
    this.#at = await this.#storage.getAlarm();
  }

  /** The alarm is ringing, and no longer set. */
  rang(): void {
    this.#at = null;
  }

  /** Rings at a time (milliseconds), or earlier when it is set to an earlier one. */
  atMost(at: number): void {
    if (this.#at === null || at < this.#at) this.set(at);
  }

  /** Rings at a time and at no other, or not at all. */
  set(at: number | null): void {
    if (at === this.#at) return;
    this.#at = at;
    // Not awaited: the object's output gate holds back whatever depends on the write.
    void (at === null ? this.#storage.deleteAlarm() : this.#storage.setAlarm(at));
  }
}
