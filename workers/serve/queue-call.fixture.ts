/** What the consumer does with its next batches. */
export type Behaviour = "take" | "throw" | "retry" | "retry-odd";

/** A message as it was delivered. */
export type Delivered = { body: number; attempts: number; at: number; batch: number };
