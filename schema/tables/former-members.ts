import { index, pgTable, primaryKey } from "drizzle-orm/pg-core";
import type { ConversationId } from "../wire/conversation-id.ts";
import type { UserId } from "../wire/ids.ts";
import { brandedText, snowflake } from "./columns.ts";
import { conversations } from "./conversations.ts";

/**
 * Who has been in a group before and may have written there. `unread` is counted by subtraction, as whoever writes has read
 * all before: so whoever comes back has read what is there, and what they have written is not counted.
 */
export const formerMembers = pgTable(
  "former_members",
  {
    conversation: brandedText<ConversationId>("conversation")
      .notNull()
      .references(() => conversations.id, { onDelete: "cascade" }),
    userId: snowflake<UserId>("user_id").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.conversation, table.userId] }),
    // Finds the rows of a deleted account.
    index("former_members_user").on(table.userId),
  ],
);
