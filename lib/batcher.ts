/** How much a batcher takes; weights are in whatever unit `weigh` answers. */
export type BatchBounds<Item> = {
  /** The most items in one batch. */
  items: number;
  /** The most weight in one batch; a single heavier item still goes, alone. */
  weight: number;
  /** The most weight that may wait; what comes on top of it is turned away. */
  waiting: number;
  weigh: (item: Item) => number;
};

/**
 * Gathers what comes while the previous batch is being handed over and hands it over as the next one: no timer, no
 * wait when idle, big batches when busy. One batch is under way at a time, so the order of the items is kept.
 */
export class Batcher<Item> {
  readonly #handOver: (batch: Item[]) => Promise<void>;
  readonly #failed: (batch: Item[], fault: unknown) => void;
  readonly #bounds: BatchBounds<Item>;
  #waiting: Item[] = [];
  #waitingWeight = 0;
  #busy = false;

  /** `failed` is told when handing a batch over threw; the next batch goes on regardless. */
  constructor(
    handOver: (batch: Item[]) => Promise<void>,
    failed: (batch: Item[], fault: unknown) => void,
    bounds: BatchBounds<Item>,
  ) {
    this.#handOver = handOver;
    this.#failed = failed;
    this.#bounds = bounds;
  }

  /** Takes an item for the next batch; answers false, and does not take it, when too much is waiting already. */
  add(item: Item): boolean {
    const weight = this.#bounds.weigh(item);
    if (this.#waiting.length > 0 && this.#waitingWeight + weight > this.#bounds.waiting) return false;
    this.#waiting.push(item);
    this.#waitingWeight += weight;
    if (!this.#busy) void this.#run();
    return true;
  }

  async #run(): Promise<void> {
    this.#busy = true;
    while (this.#waiting.length > 0) {
      const batch = this.#next();
      try {
        await this.#handOver(batch);
      } catch (fault) {
        this.#failed(batch, fault);
      }
    }
    this.#busy = false;
  }

  #next(): Item[] {
    let count = 0;
    let weight = 0;
    for (const item of this.#waiting) {
      const heavier = weight + this.#bounds.weigh(item);
      if (count === this.#bounds.items || (count > 0 && heavier > this.#bounds.weight)) break;
      count += 1;
      weight = heavier;
    }
    const batch = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    this.#waitingWeight -= weight;
    return batch;
  }
}
