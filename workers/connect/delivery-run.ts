import type { BucketDelivery } from "../../lib/rpc/connect.ts";
import type { Topic } from "../../schema/internal/topic.ts";

/** The waits before a bucket is tried again (milliseconds): growing, then the last one each time. */
const WAITS_MS = [100, 200, 400, 800, 1_600];

/** What delivering needs from outside. */
export type DeliverySteps = {
  /** Calls a bucket; throws when the call fails or the bucket is busy. */
  call(delivery: BucketDelivery): Promise<void>;
  /** Called after each failed call. */
  failed(delivery: BucketDelivery, fault: unknown): void;
  now(): number;
  wait(ms: number): Promise<void>;
};

/**
 * Calls each bucket once, in parallel, and retries those that fail, each on its own. No call begins at the deadline or
 * later: its topics may have another owner by then, who delivers them again.
 */
export class DeliveryRun {
  /** Settles, without a fault, when every bucket has been delivered to or its time is over. */
  readonly finished: Promise<void>;
  /** For each topic that is not delivered yet, how many buckets are missing. */
  readonly #missing = new Map<Topic, number>();

  /** `until` is the deadline, in milliseconds since the epoch. */
  constructor(buckets: readonly BucketDelivery[], until: number, steps: DeliverySteps) {
    for (const { topics } of buckets) {
      for (const topic of topics) this.#missing.set(topic, (this.#missing.get(topic) ?? 0) + 1);
    }
    const calls = buckets.map((delivery) => this.#callBucket(delivery, until, steps));
    this.finished = Promise.all(calls).then(() => undefined);
  }

  /** Whether all buckets of a topic have been delivered to. */
  isDelivered(topic: Topic): boolean {
    return !this.#missing.has(topic);
  }

  async #callBucket(delivery: BucketDelivery, until: number, steps: DeliverySteps): Promise<void> {
    // Asked before every call, not only before a wait: the drain may come late, and a wait may last longer than asked.
    for (let attempt = 0; steps.now() < until; attempt++) {
      try {
        await steps.call(delivery);
        this.#delivered(delivery);
        return;
      } catch (fault) {
        steps.failed(delivery, fault);
      }
      const wait = WAITS_MS[Math.min(attempt, WAITS_MS.length - 1)] ?? 0;
      if (steps.now() + wait >= until) return;
      await steps.wait(wait);
    }
  }

  #delivered({ topics }: BucketDelivery): void {
    for (const topic of topics) {
      const others = (this.#missing.get(topic) ?? 1) - 1;
      if (others === 0) this.#missing.delete(topic);
      else this.#missing.set(topic, others);
    }
  }
}
