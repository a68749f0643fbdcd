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

/** The most people whom a message can name one by one. */
export const MAX_MENTIONS = 50;

/** Whom a message names: some people, or all members. */
export const Mentions = z
  .union([
    z
      .array(UserId)
      .max(MAX_MENTIONS)
      .overwrite((userIds) => [...new Set(userIds)]),
    z.literal("all"),
  ])
  .meta({ id: "Mentions" });
export type Mentions = z.infer<typeof Mentions>;

/** The beginning of the message that one replies to: this many characters. */
export const EXCERPT_LENGTH = 140;

/** The message that another one replies to. */
export const Reply = z
  .object({
    id: MessageId,
    seq: Seq,
    senderId: UserId,
    /** the beginning of its text, or the name of its file, or empty; null once it is recalled */
    excerpt: z.string().nullable(),
  })
  .meta({ id: "Reply" });

/** Who wrote a forwarded message first, and when. */
export const Forward = z.object({ senderId: UserId, sentAt: Timestamp }).meta({ id: "Forward" });
export type Forward = z.infer<typeof Forward>;

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
    replyTo: Reply.optional(),
    mentions: Mentions.optional(),
    forwardOf: Forward.optional(),
    reactions: z.array(Reaction).max(MAX_REACTIONS).optional(),
    pinned: z.literal(true).optional(),
  })
  .meta({ id: "Message" });
export type Message = z.infer<typeof Message>;

/** The fields of a message from a client. */
export const newMessageFields = {
  conversation: ConversationId,
  clientId: ClientId,
  /** left out when it is that of another message */
  content: SendableContent.optional(),
  /** a message of the same conversation */
  replyTo: MessageId.optional(),
  mentions: Mentions.optional(),
  /** a message that the sender can see: the server copies its content */
  forwardOf: z.object({ conversation: ConversationId, id: MessageId }).optional(),
};

/** Whether a new message has one content: its own, or another message's. */
export function hasOneContent({ content, forwardOf }: { content?: unknown; forwardOf?: unknown }): boolean {
  return (content === undefined) !== (forwardOf === undefined);
}

/** The error of a new message that has not. */
export const ONE_CONTENT = { path: ["content"], error: "must be there, or else forwardOf" };

/** The same as JSON Schema, and an example: what a description says of a new message. */
export const ONE_CONTENT_SCHEMA = { oneOf: [{ required: ["content"] }, { required: ["forwardOf"] }] };
export const NEW_MESSAGE_EXAMPLE = {
  conversation: "dm:7397154205618176:7397154209812480",
  clientId: "5f0c2f0e-7d0b-4c39-9a58-7b6ad0d2c1e4",
  content: { type: "text", text: "Good morning" },
};

/** A message from a client, over HTTP. */
export const NewMessage = z
  .object(newMessageFields)
  .refine(hasOneContent, ONE_CONTENT)
  .meta({ id: "NewMessage", ...ONE_CONTENT_SCHEMA, examples: [NEW_MESSAGE_EXAMPLE] });
export type NewMessage = z.infer<typeof NewMessage>;

/** Reports that a message is durably in the log. */
export const Accepted = z
  .object({ clientId: ClientId, conversation: ConversationId })
  .meta({ id: "Accepted" });
export type Accepted = z.infer<typeof Accepted>;
