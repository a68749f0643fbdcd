import { sql } from "drizzle-orm";
import { index, integer, jsonb, pgTable, uniqueIndex } from "drizzle-orm/pg-core";
import type { ConversationId } from "../wire/conversation-id.ts";
import type { ClientId, MessageId, Rev, Seq, UserId } from "../wire/ids.ts";
import type { Content, Forward, Mentions, Message, Reaction } from "../wire/message.ts";
import { brandedText, moment, snowflake } from "./columns.ts";

/** The URL of what a message holds, null in a text. */
const contentUrl = sql`(content->>'url')`;

/** Only task writes here (`operations/`), with the conversation's row locked, so that seq and rev have no gaps. */
export const messages = pgTable(
  "messages",
  {
    id: snowflake<MessageId>("id").primaryKey(),
    conversation: brandedText<ConversationId>("conversation").notNull(),
    seq: integer("seq").$type<Seq>().notNull(),
    rev: integer("rev").$type<Rev>().notNull(),
    senderId: snowflake<UserId>("sender_id").notNull(),
    clientId: brandedText<ClientId>("client_id").notNull(),
    /** null once the message is recalled */
    content: jsonb("content").$type<Content>(),
    /** how many of its conversation's messages were notices up to and with this one */
    notices: integer("notices").notNull().default(0),
    sentAt: moment("sent_at").notNull(),
    editedAt: moment("edited_at"),
    recalledAt: moment("recalled_at"),
    /** the message that it replies to; what clients see of that one is read with it, so that a recall reaches here, too */
    replyTo: snowflake<MessageId>("reply_to"),
    /** what a reply still shows of its original once that one was removed for its age */
    replyLeft: jsonb("reply_left").$type<Pick<Message, "replyTo">>(),
    /** whom it names; the table `mentions` has the same by person */
    mentions: jsonb("mentions").$type<Mentions>(),
    /** who wrote its content first, and when; null when its sender did */
    forwardOf: jsonb("forward_of").$type<Forward>(),
    /** what clients see of the table `reactions`, in the order in which the emoji came; null without any */
    reactions: jsonb("reactions").$type<Reaction[]>(),
    /** when it was pinned; null when it is not */
    pinnedAt: moment("pinned_at"),
  },
  (table) => [
    uniqueIndex("messages_seq").on(table.conversation, table.seq),
    uniqueIndex("messages_rev").on(table.conversation, table.rev),
    uniqueIndex("messages_client").on(table.senderId, table.clientId),
    // Lists and counts the pins of a conversation.
    index("messages_pinned")
      .on(table.conversation, table.pinnedAt, table.id)
      .where(sql`${table.pinnedAt} IS NOT NULL`),
    // Finds the replies to messages that are removed.
    index("messages_replies").on(table.replyTo).where(sql`${table.replyTo} IS NOT NULL`),
    // Finds the messages that hold something uploaded: these rows are its references, so there is no count to keep.
    index("messages_media").on(contentUrl).where(sql`${contentUrl} IS NOT NULL`),
  ],
);
