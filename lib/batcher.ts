import { FairQueue } from "./fair-queue.ts";

/**
 * Gathers what comes while the previous batch is being handed over and hands it over as the next one: no timer, no
 * wait when idle, big batches when busy. One batch is under way at a time, so each producer's items keep their order;
 * between producers a batch is fair.
 */
export class Batcher<Producer, Item> {
  /** What waits for the next batches. */
  readonly waiting = new FairQueue<Producer, Item>();
  readonly #handOver: (batch: Item[]) => Promise<void>;
  readonly #failed: (batch: Item[], fault: unknown) => void;
  readonly #most: { items: number; weight: number };
  #busy = false;

  /** `failed` is called when handing a batch over threw; the next batch goes on regardless. `most` bounds a batch. */
  constructor(
    handOver: (batch: Item[]) => Promise<void>,
    failed: (batch: Item[], fault: unknown) => void,
    most: { items: number; weight: number },
  ) {
    this.#handOver = handOver;
    this.#failed = failed;
    this.#most = most;
  }

  /** Puts an item into the next batch that has room for it; the weight is in the unit of `most`. */
  add(producer: Producer, item: Item, weight: number): void {
    this.waiting.add(producer, item, weight);
    if (!this.#busy) void this.#run();
  }

  async #run(): Promise<void> {
    this.#busy = true;
    while (!this.waiting.isEmpty) {
      const batch = this.waiting.take(this.#most);
      try {
        // One call a batch: the loop is what gathers the next one.
        await this.#handOver(batch);
      } catch (fault) {
        this.#failed(batch, fault);
      }
    }
    this.#busy = false;
  }
}
