import { z } from "zod";

/**
 * A single-partition Kafka topic: `group.<id>`, or `user.<id>` for a user's direct conversations. In a hashed layout
 * the number is that of a share of the groups or users, from 0 (`lib/topic.ts`).
 */
export const Topic = z
  .string()
  .regex(/^(?:group|user)\.(?:0|[1-9][0-9]{0,18})$/, "must be group.<number> or user.<number>")
  .brand<"Topic">();
export type Topic = z.infer<typeof Topic>;
