import type { Control, Recipients } from "../../schema/internal/recipients.ts";

/** One task for a bucket: push serialised events, carry out a control, or both. */
export type DeliveryItem = {
  to: Recipients;
  /** The events of one frame, in order, each serialised as JSON. */
  events: string[];
  /**
   * Carried out before the push, except an `unlink`, which is carried out after it. The bucket drops the whole item when
   * it has already applied a later change of the same person in the same group.
   */
  control?: Control;
};

/** The calls of the connect Worker to a bucket. */
export interface BucketRpc {
  /** Returns once every event is written to the sockets of all its recipients. Throws when the bucket is over its bounds. */
  deliver(items: DeliveryItem[]): Promise<void>;

  /** Registers all that the bucket holds with logic. */
  register(): Promise<void>;
}

/** A bucket as the connect Worker reaches it. */
export interface BucketStub extends BucketRpc {
  /** Opens a socket: see `upgradeRequest`. */
  fetch(request: Request): Promise<Response>;
}
