import { FairQueue } from "./fair-queue.ts";

/**
 * Gathers the items that arrive while a batch is being handed over, and hands them over as the next batch: no timer, no
 * wait while idle, big batches while busy. Only one batch is under way at a time, so each producer's items keep their
 * order. A batch is fair between producers.
 */
export class Batcher<Producer, Item> {
  /** The items of the next batches. */
  readonly waiting = new FairQueue<Producer, Item>();
  readonly #handOver: (batch: Item[]) => Promise<void>;
  readonly #failed: (batch: Item[], fault: unknown) => void;
  readonly #most: { items: number; weight: number };
  #busy = false;

  /** `most` bounds a batch. When `handOver` throws, `failed` is called with the batch, and the next batch follows. */
  constructor(
    handOver: (batch: Item[]) => Promise<void>,
    failed: (batch: Item[], fault: unknown) => void,
    most: { items: number; weight: number },
  ) {
    this.#handOver = handOver;
    this.#failed = failed;
    this.#most = most;
  }

  /** Puts an item into the next batch that has room for it. `weight` has the unit of `most.weight`. */
  add(producer: Producer, item: Item, weight: number): void {
    this.waiting.add(producer, item, weight);
    if (!this.#busy) void this.#run();
  }

  async #run(): Promise<void> {
    this.#busy = true;
    while (!this.waiting.isEmpty) {
      const batch = this.waiting.take(this.#most);
      try {
        // One call for each batch: while it runs, `waiting` collects the next one.
        await this.#handOver(batch);
      } catch (fault) {
        this.#failed(batch, fault);
      }
    }
    this.#busy = false;
  }
}
