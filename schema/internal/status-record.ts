import { z } from "zod";
import { ConversationId } from "../wire/conversation-id.ts";
import { GroupId, Seq, Timestamp, UserId } from "../wire/ids.ts";

/**
 * A change of status in the Redis list: small, may be lost, merged with similar records when drained. Presence,
 * membership and count records name only their subject: the drain reads what is true from the routes and from Postgres,
 * so that a stale record cannot cause a wrong event. A count record has a group's online count pushed although it may not
 * have changed: an event has shown one that may be older than the last pushed.
 */
export const StatusRecord = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("presence"), userId: UserId, at: Timestamp }),
  z.object({ kind: z.literal("membership"), userId: UserId, groupId: GroupId }),
  z.object({ kind: z.literal("count"), groupId: GroupId }),
  z.object({
    kind: z.literal("read"),
    conversation: ConversationId,
    userId: UserId,
    seq: Seq,
    /** who learns of it: in a conversation of many members, only the reader's own devices */
    audience: z.enum(["conversation", "reader"]).default("conversation"),
  }),
  z.object({ kind: z.literal("typing"), conversation: ConversationId, userId: UserId }),
]);
export type StatusRecord = z.infer<typeof StatusRecord>;
