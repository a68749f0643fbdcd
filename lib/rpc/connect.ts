import type { BucketAddress } from "../../schema/internal/bucket-address.ts";
import type { Topic } from "../../schema/internal/topic.ts";
import type { LayerHealth } from "../../schema/wire/health.ts";
import type { DeliveryItem } from "./bucket.ts";

/** What one bucket is to push, in order, with the topics whose delivery depends on it. */
export type BucketDelivery = { address: BucketAddress; items: DeliveryItem[]; topics: Topic[] };

/** The lock on a topic that a delivery releases, and what is known once it is delivered. */
export type HeldTopic = {
  topic: Topic;
  /** How many wake-ups the topic had seen when it was locked; more now means a wake-up since. */
  wake: number;
  /** The offset of the next record to drain; null when nothing new is known of it. */
  nextOffset: number | null;
};

/** A batch of deliveries under one owner's locks; no locks for status, which is soft. */
export type Delivery = {
  owner: string;
  /** When the locks lapse (milliseconds since the epoch): no bucket is tried again later than shortly before. */
  deadline: number;
  buckets: BucketDelivery[];
  held: HeldTopic[];
};

/** What became of the topics of a delivery. */
export type DeliveryOutcome = {
  /** Delivered, and the lock released. */
  released: Topic[];
  /** Delivered, and the lock released, but there was another wake-up meanwhile: the owner drains again. */
  again: Topic[];
  /** Not delivered to every bucket, or the lock had lapsed: the next drain delivers again. */
  failed: Topic[];
};

/** What became of a registration of all buckets. */
export type Registrations = { registered: number; failed: BucketAddress[] };

/** Holds the sockets. */
export interface ConnectRpc {
  /** Calls each bucket once, in parallel, tries again those that fail while the locks last, and releases the locks. */
  deliver(delivery: Delivery): Promise<DeliveryOutcome>;

  /**
   * Has every bucket of every server register all that it holds, because Redis came back empty. Takes at most 10 s: a
   * bucket that fails or does not return counts as failed and does not stop the others.
   */
  registerAll(): Promise<Registrations>;

  health(): Promise<LayerHealth>;
}
