import { index, integer, pgTable, primaryKey } from "drizzle-orm/pg-core";
import type { ConversationId } from "../wire/conversation-id.ts";
import type { MessageId, Rev, Seq, UserId } from "../wire/ids.ts";
import { brandedText, moment, snowflake } from "./columns.ts";
import { messages } from "./messages.ts";

/**
 * The messages that a person has hidden from themselves. `rev` is that of the conversation when the person's devices were
 * told, in the order of the conversation's topic: a device that has a later one has been told, and any other learns of it
 * from sync (`operations/hidden.ts`).
 */
export const hiddenMessages = pgTable(
  "hidden_messages",
  {
    messageId: snowflake<MessageId>("message_id")
      .notNull()
      .references(() => messages.id, { onDelete: "cascade" }),
    userId: snowflake<UserId>("user_id").notNull(),
    conversation: brandedText<ConversationId>("conversation").notNull(),
    seq: integer("seq").$type<Seq>().notNull(),
    rev: integer("rev").$type<Rev>().notNull(),
    hiddenAt: moment("hidden_at").notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.messageId, table.userId] }),
    // Counts what is hidden of the unread.
    index("hidden_messages_seq").on(table.userId, table.conversation, table.seq),
    // Finds what a device with a rev may not know.
    index("hidden_messages_rev").on(table.userId, table.conversation, table.rev),
  ],
);
