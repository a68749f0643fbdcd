import type { BucketAddress } from "../../schema/internal/bucket-address.ts";
import type { Topic } from "../../schema/internal/topic.ts";
import type { LayerHealth } from "../../schema/wire/health.ts";
import type { DeliveryItem } from "./bucket.ts";

/** The items that one bucket must push, in order, and the topics whose delivery depends on them. */
export type BucketDelivery = { address: BucketAddress; items: DeliveryItem[]; topics: Topic[] };

/** A locked topic that a delivery releases, with its position after the delivery. */
export type HeldTopic = {
  topic: Topic;
  /** The topic's wake-ups at the time it was locked. A higher counter at the release means a wake-up since then. */
  wake: number;
  /** The offset of the next record to drain; null when it has not changed. */
  nextOffset: number | null;
};

/** A batch of deliveries under the locks of one owner. A delivery of status holds no locks: status may be lost. */
export type Delivery = {
  owner: string;
  /** When the locks lapse (milliseconds since the epoch). Retries stop shortly before. */
  deadline: number;
  buckets: BucketDelivery[];
  held: HeldTopic[];
};

/** The outcome of each topic of a delivery. */
export type DeliveryOutcome = {
  /** Delivered, and the lock released. */
  released: Topic[];
  /** Delivered, and the lock released; but the topic was woken meanwhile, so the owner drains it again. */
  again: Topic[];
  /** Not delivered to every bucket, or the lock had lapsed: the next drain delivers again. */
  failed: Topic[];
};

/** The outcome of a registration of all buckets. */
export type Registrations = { registered: number; failed: BucketAddress[] };

/** Holds the sockets. */
export interface ConnectRpc {
  /** Calls all buckets in parallel, retries those that fail until the locks lapse, and releases the locks. */
  deliver(delivery: Delivery): Promise<DeliveryOutcome>;

  /**
   * Makes every bucket of every server register all that it holds, after Redis has lost its data. Takes at most 10 s: a
   * bucket that fails or does not return in time counts as failed; the others are registered.
   */
  registerAll(): Promise<Registrations>;

  health(): Promise<LayerHealth>;
}
