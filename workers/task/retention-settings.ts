import { z } from "zod";

/** For how long messages are kept. */
export const RetentionSettings = z.object({
  /** After how many days messages are removed, where their group has no days of its own; 0 keeps them. */
  RETENTION_DAYS: z.coerce.number().int().min(0).max(36_500).default(0),
});
export type RetentionSettings = z.infer<typeof RetentionSettings>;
