import { foreignKey, index, integer, pgTable, primaryKey } from "drizzle-orm/pg-core";
import type { ConversationId } from "../wire/conversation-id.ts";
import type { Seq, UserId } from "../wire/ids.ts";
import { brandedText, snowflake } from "./columns.ts";
import { messages } from "./messages.ts";

/**
 * Whom messages name, to count a person's unread mentions by index: a row for each person of `messages.mentions`, or one
 * row with the user id 0 for `all`, however many members there are. A recalled message names nobody.
 */
export const mentions = pgTable(
  "mentions",
  {
    conversation: brandedText<ConversationId>("conversation").notNull(),
    userId: snowflake<UserId>("user_id").notNull(),
    seq: integer("seq").$type<Seq>().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.conversation, table.userId, table.seq] }),
    foreignKey({
      name: "mentions_message_fk",
      columns: [table.conversation, table.seq],
      foreignColumns: [messages.conversation, messages.seq],
    }).onDelete("cascade"),
    // Finds the mentions of a message that is edited, recalled or deleted.
    index("mentions_message").on(table.conversation, table.seq),
  ],
);
