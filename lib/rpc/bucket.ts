import type { Control, Recipients } from "../../schema/internal/recipients.ts";

/** One thing for a bucket to do: push a serialised event, carry out a control, or both. */
export type DeliveryItem = {
  to: Recipients;
  /** The events, each one serialised JSON, that go into one frame, in order. */
  events: string[];
  /**
   * Carried out before the push, but for an `unlink`, which comes after. The whole item is dropped when the bucket has
   * already applied a later change of the same person in the same group.
   */
  control?: Control;
};

/** What the connect Worker asks of a bucket. */
export interface BucketRpc {
  /** Returns once every event has been written to every socket that it concerns. Throws when the bucket is over its bounds. */
  deliver(items: DeliveryItem[]): Promise<void>;

  /** Registers all that the bucket holds with logic. */
  register(): Promise<void>;
}
