import { z } from "zod";
import { ConversationId } from "../wire/conversation-id.ts";
import { GroupId, Seq, Timestamp, UserId } from "../wire/ids.ts";

/**
 * A change of status in the Redis list: small, may be lost, merged with similar records when drained. Presence and
 * membership records name only their subject: the drain reads what is true from the routes and from Postgres, so that a
 * stale record cannot cause a wrong event.
 */
export const StatusRecord = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("presence"), userId: UserId, at: Timestamp }),
  z.object({ kind: z.literal("membership"), userId: UserId, groupId: GroupId }),
  z.object({ kind: z.literal("read"), conversation: ConversationId, userId: UserId, seq: Seq }),
  z.object({ kind: z.literal("typing"), conversation: ConversationId, userId: UserId }),
]);
export type StatusRecord = z.infer<typeof StatusRecord>;
