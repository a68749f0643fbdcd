import { z } from "zod";
import { ConversationId } from "../wire/conversation-id.ts";
import { GroupId, Seq, Timestamp, UserId } from "../wire/ids.ts";

/**
 * A change of status on its way through the Redis list: small, soft, merged with its like when drained. Presence and
 * membership say only whose status to look at again: what it is now is read from the routes and from Postgres, so that
 * a stale record cannot lie.
 */
export const StatusRecord = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("presence"), userId: UserId, at: Timestamp }),
  z.object({ kind: z.literal("membership"), userId: UserId, groupId: GroupId }),
  z.object({ kind: z.literal("read"), conversation: ConversationId, userId: UserId, seq: Seq }),
  z.object({ kind: z.literal("typing"), conversation: ConversationId, userId: UserId }),
]);
export type StatusRecord = z.infer<typeof StatusRecord>;
