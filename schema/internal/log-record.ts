import { z } from "zod";
import { ConversationId } from "../wire/conversation-id.ts";
import { ClientId, Timestamp, UserId } from "../wire/ids.ts";
import { Content } from "../wire/message.ts";
import { ServerEvent } from "../wire/socket.ts";
import { Control, Recipients } from "./recipients.ts";

/**
 * `mark` names the hand-over that wrote the record: the topic stays marked *behind* in Redis under it until a
 * drain has seen the record, so that a mark is never cleared by a drain that ran before its produce.
 */
const mark = z.string().min(1).max(64);

/** A message that somebody was allowed to write. */
export const MessageRecord = z.object({
  kind: z.literal("message"),
  mark,
  senderId: UserId,
  clientId: ClientId,
  conversation: ConversationId,
  content: Content,
  acceptedAt: Timestamp,
});
export type MessageRecord = z.infer<typeof MessageRecord>;

/**
 * Something people are to be told of that is no message: a friendship, a membership, an ended session. It is
 * delivered in the order of its topic and not stored. The control is carried out before the event is pushed, but for
 * an `unlink`, which comes after it.
 */
export const NoticeRecord = z.object({
  kind: z.literal("notice"),
  mark,
  to: Recipients,
  event: ServerEvent.optional(),
  control: Control.optional(),
});
export type NoticeRecord = z.infer<typeof NoticeRecord>;

/** A record of a topic: an accepted operation. Adding an operation to the log is adding a line here. */
export const LogRecord = z.discriminatedUnion("kind", [MessageRecord, NoticeRecord]);
export type LogRecord = z.infer<typeof LogRecord>;
