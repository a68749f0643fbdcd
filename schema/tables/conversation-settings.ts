import { boolean, foreignKey, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import type { ConversationId } from "../wire/conversation-id.ts";
import type { UserId } from "../wire/ids.ts";
import { brandedText, moment, snowflake } from "./columns.ts";
import { members } from "./conversations.ts";

/**
 * What a person has set for a conversation, for all their devices. Not columns of `members`: that row is written for every
 * message of its person, and a draft may be long. It goes with the membership.
 */
export const conversationSettings = pgTable(
  "conversation_settings",
  {
    conversation: brandedText<ConversationId>("conversation").notNull(),
    userId: snowflake<UserId>("user_id").notNull(),
    mutedUntil: moment("muted_until"),
    pinned: boolean("pinned").notNull().default(false),
    archived: boolean("archived").notNull().default(false),
    draft: text("draft"),
  },
  (table) => [
    primaryKey({ columns: [table.conversation, table.userId] }),
    foreignKey({
      name: "conversation_settings_member",
      columns: [table.conversation, table.userId],
      foreignColumns: [members.conversation, members.userId],
    }).onDelete("cascade"),
  ],
);
