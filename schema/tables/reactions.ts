import { index, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import type { MessageId, UserId } from "../wire/ids.ts";
import { moment, snowflake } from "./columns.ts";
import { messages } from "./messages.ts";

/**
 * Who has reacted to which message with what. Clients get it as the column `reactions` of the message, which is kept with
 * each change (`apply_reactions` in `schema/migrations`): reading a message does not count here.
 */
export const reactions = pgTable(
  "reactions",
  {
    messageId: snowflake<MessageId>("message_id")
      .notNull()
      .references(() => messages.id, { onDelete: "cascade" }),
    emoji: text("emoji").notNull(),
    userId: snowflake<UserId>("user_id").notNull(),
    reactedAt: moment("reacted_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.messageId, table.emoji, table.userId] }),
    // Finds the first people of an emoji without reading all of them.
    index("reactions_first").on(table.messageId, table.emoji, table.reactedAt, table.userId),
  ],
);
