import { z } from "zod";
import { ConversationId } from "../wire/conversation-id.ts";
import { GroupId, Seq, Timestamp, UserId } from "../wire/ids.ts";

/** A change of status on its way through the Redis list: small, soft, merged with its like when drained. */
export const StatusRecord = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("presence"),
    userId: UserId,
    online: z.boolean(),
    at: Timestamp,
    groupIds: z.array(GroupId),
  }),
  z.object({ kind: z.literal("groups"), groupIds: z.array(GroupId) }),
  z.object({ kind: z.literal("read"), conversation: ConversationId, userId: UserId, seq: Seq }),
]);
export type StatusRecord = z.infer<typeof StatusRecord>;
