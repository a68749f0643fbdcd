import { index, integer, pgTable, primaryKey } from "drizzle-orm/pg-core";
import type { ConversationId } from "../wire/conversation-id.ts";
import type { MessageId, Rev } from "../wire/ids.ts";
import { brandedText, snowflake } from "./columns.ts";
import { messages } from "./messages.ts";

/**
 * The search index of messages: the tokens of each text, and those of its conversation and sender (`lib/message-search.ts`).
 * A table of its own, because every change of a row of `messages` would write its tokens again. Only task writes here, a
 * moment after the message is stored (`workers/task/search-index.ts`).
 */
export const messageTokens = pgTable(
  "message_tokens",
  {
    messageId: snowflake<MessageId>("message_id")
      .primaryKey()
      .references(() => messages.id, { onDelete: "cascade" }),
    conversation: brandedText<ConversationId>("conversation").notNull(),
    /** the rev of the text: an older one that comes late does not replace it */
    rev: integer("rev").$type<Rev>().notNull(),
    /** without any once the message is recalled */
    tokens: integer("tokens").array().notNull(),
  },
  (table) => [
    index("message_tokens_search").using("gin", table.tokens),
    // Walks through the newest messages of a conversation.
    index("message_tokens_conversation").on(table.conversation, table.messageId),
  ],
);

/** The messages whose text is not in the search index yet, or has changed. Triggers of `messages` write here. */
export const unindexedMessages = pgTable(
  "unindexed_messages",
  {
    messageId: snowflake<MessageId>("message_id").notNull(),
    rev: integer("rev").$type<Rev>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.messageId] })],
);
