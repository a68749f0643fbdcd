import { z } from "zod";
import { ConversationId } from "./conversation-id.ts";
import { Emoji } from "./emoji.ts";
import { ClientId, MessageId, Rev, Seq, Timestamp, UserId } from "./ids.ts";
import { MediaContent } from "./media.ts";
import { isStorable, UNSTORABLE } from "./text.ts";

/** 1 to 8,000 characters. */
export const TextContent = z.object({
  type: z.literal("text"),
  text: z
    .string()
    .max(16_000)
    .refine((text) => text.length > 0 && isShort(text), "must have 1 to 8,000 characters")
    .refine(isStorable, UNSTORABLE),
});

/** Whether a text has at most 8,000 characters. Characters are counted only when there are more UTF-16 units than that. */
function isShort(text: string): boolean {
  return text.length <= 8_000 || [...text].length <= 8_000;
}

/** What has happened in a conversation, for its history; who did it is the message's sender. */
export const Notice = z
  .discriminatedUnion("kind", [
    z.object({ kind: z.literal("created") }),
    z.object({ kind: z.literal("renamed"), name: z.string() }),
    z.object({ kind: z.literal("joined"), userIds: z.array(UserId) }),
    z.object({ kind: z.literal("left"), userId: UserId }),
    z.object({ kind: z.literal("removed"), userId: UserId }),
    z.object({ kind: z.literal("pinned"), messageId: MessageId }),
  ])
  .meta({ id: "Notice" });
export type Notice = z.infer<typeof Notice>;

/** Written by the server only: cannot be changed by anybody, and does not count as unread. */
const NoticeContent = z.object({ type: z.literal("notice"), notice: Notice });

/** The content of a message: every type that a conversation can hold. */
export const Content = z
  .discriminatedUnion("type", [TextContent, ...MediaContent.options, NoticeContent])
  .meta({ id: "Content" });
export type Content = z.infer<typeof Content>;

/** The types of content that a client may send. */
export const SendableContent = z.discriminatedUnion("type", [TextContent, ...MediaContent.options]);

/** The most different emoji on one message, and of how many people each says who they are. */
export const MAX_REACTIONS = 20;
export const SHOWN_REACTORS = 50;

/** The most pinned messages of a conversation. */
export const MAX_PINS = 50;

/** One emoji on a message: how many people have reacted with it, and the first of them. */
export const Reaction = z
  .object({ emoji: Emoji, count: z.int().min(1), userIds: z.array(UserId).max(SHOWN_REACTORS) })
  .meta({ id: "Reaction" });
export type Reaction = z.infer<typeof Reaction>;

export const Message = z
  .object({
    id: MessageId,
    conversation: ConversationId,
    seq: Seq,
    rev: Rev,
    senderId: UserId,
    clientId: ClientId,
    /** null once the message is recalled */
    content: z.union([Content, z.null()]),
    sentAt: Timestamp,
    editedAt: Timestamp.optional(),
    recalledAt: Timestamp.optional(),
    reactions: z.array(Reaction).max(MAX_REACTIONS).optional(),
    pinned: z.literal(true).optional(),
  })
  .meta({ id: "Message" });
export type Message = z.infer<typeof Message>;

/** A message from a client, over HTTP or a socket. */
export const NewMessage = z
  .object({ conversation: ConversationId, clientId: ClientId, content: SendableContent })
  .meta({ id: "NewMessage" });
export type NewMessage = z.infer<typeof NewMessage>;

/** Reports that a message is durably in the log. */
export const Accepted = z
  .object({ clientId: ClientId, conversation: ConversationId })
  .meta({ id: "Accepted" });
export type Accepted = z.infer<typeof Accepted>;
