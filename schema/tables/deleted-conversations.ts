import { pgTable } from "drizzle-orm/pg-core";
import type { ConversationId } from "../wire/conversation-id.ts";
import { brandedText, moment } from "./columns.ts";

/**
 * Conversations of deleted groups. They have no row of `conversations` and no members, so nobody can read them or write
 * into them; cron deletes their messages, batch by batch, and then the row here.
 */
export const deletedConversations = pgTable("deleted_conversations", {
  conversation: brandedText<ConversationId>("conversation").primaryKey(),
  deletedAt: moment("deleted_at").notNull().defaultNow(),
});
