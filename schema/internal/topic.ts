import { z } from "zod";

/** A single-partition Kafka topic: `group.<id>`, or `user.<id>` for a user's direct conversations. */
export const Topic = z
  .string()
  .regex(/^(?:group|user)\.[1-9][0-9]{0,18}$/, "must be group.<id> or user.<id>")
  .brand<"Topic">();
export type Topic = z.infer<typeof Topic>;
