import { z } from "zod";

/** For how long operations may change a message after it was sent. */
export const OperationLimits = z.object({
  /** For how long the sender of a message may edit it (seconds). */
  EDIT_SECONDS: z.coerce.number().int().min(0).default(172_800),
  /** For how long the sender of a message may recall it (seconds); a group's owner and admins always may. */
  RECALL_SECONDS: z.coerce.number().int().min(0).default(172_800),
});
export type OperationLimits = z.infer<typeof OperationLimits>;
