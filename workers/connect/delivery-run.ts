import type { BucketDelivery } from "../../lib/rpc/connect.ts";
import type { Topic } from "../../schema/internal/topic.ts";

/** The waits before a bucket is tried again (milliseconds): growing, the last one again and again. */
const WAITS_MS = [100, 200, 400, 800, 1_600];

/** What delivering takes from the world around it. */
export type DeliverySteps = {
  /** Calls a bucket; throws when the bucket does not answer or is busy. */
  call(delivery: BucketDelivery): Promise<void>;
  /** Is told of each failed call. */
  failed(delivery: BucketDelivery, fault: unknown): void;
  now(): number;
  wait(ms: number): Promise<void>;
};

/** Calls each bucket once, in parallel, and those that fail again and again, each on its own. */
export class DeliveryRun {
  /** Settles, without a fault, when every bucket has answered or its time is over. */
  readonly finished: Promise<void>;
  /** The topics that buckets have not answered for, by how many. */
  readonly #open = new Map<Topic, number>();

  /** `until` is when trying ends, in milliseconds since the epoch. */
  constructor(buckets: readonly BucketDelivery[], until: number, steps: DeliverySteps) {
    for (const { topics } of buckets) {
      for (const topic of topics) this.#open.set(topic, (this.#open.get(topic) ?? 0) + 1);
    }
    const tries = buckets.map((delivery) => this.#deliver(delivery, until, steps));
    this.finished = Promise.all(tries).then(() => undefined);
  }

  /** Whether all buckets of a topic have answered. */
  isDelivered(topic: Topic): boolean {
    return !this.#open.has(topic);
  }

  async #deliver(delivery: BucketDelivery, until: number, steps: DeliverySteps): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        await steps.call(delivery);
        this.#answered(delivery);
        return;
      } catch (fault) {
        steps.failed(delivery, fault);
      }
      const wait = WAITS_MS[Math.min(attempt, WAITS_MS.length - 1)] ?? 0;
      if (steps.now() + wait >= until) return;
      await steps.wait(wait);
    }
  }

  #answered({ topics }: BucketDelivery): void {
    for (const topic of topics) {
      const others = (this.#open.get(topic) ?? 1) - 1;
      if (others === 0) this.#open.delete(topic);
      else this.#open.set(topic, others);
    }
  }
}
