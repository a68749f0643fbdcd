import { sql } from "drizzle-orm";
import { index, integer, pgTable, primaryKey } from "drizzle-orm/pg-core";
import type { ConversationId } from "../wire/conversation-id.ts";
import type { Role } from "../wire/group.ts";
import type { MessageId, Rev, Seq, UserId } from "../wire/ids.ts";
import { brandedText, moment, snowflake } from "./columns.ts";
import { users } from "./users.ts";

/** A conversation's counters. A transaction that stores messages locks this row. Created with the friendship or group. */
export const conversations = pgTable("conversations", {
  id: brandedText<ConversationId>("id").primaryKey(),
  lastSeq: integer("last_seq").$type<Seq>().notNull().default(sql`0`),
  rev: integer("rev").$type<Rev>().notNull().default(sql`0`),
  /** how many of its messages are notices: these do not count as unread */
  notices: integer("notices").notNull().default(0),
  /** the id of the newest message: a new message needs a greater one, so that ids rise with seq */
  lastMessageId: snowflake<MessageId>("last_message_id"),
  createdAt: moment("created_at").notNull().defaultNow(),
});

/** The members of a conversation, and how far each has read. Both people of a direct conversation have role `member`. */
export const members = pgTable(
  "members",
  {
    conversation: brandedText<ConversationId>("conversation")
      .notNull()
      .references(() => conversations.id),
    userId: snowflake<UserId>("user_id")
      .notNull()
      .references(() => users.id),
    role: brandedText<Role>("role").notNull(),
    readSeq: integer("read_seq").$type<Seq>().notNull().default(sql`0`),
    /** until when the person may not write; null, or past, when they may */
    mutedUntil: moment("muted_until"),
    joinedAt: moment("joined_at").notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.conversation, table.userId] }),
    index("members_user").on(table.userId),
    // Lists a group's members in the order in which they joined, page by page.
    index("members_joined").on(table.conversation, table.joinedAt, table.userId),
    // Finds a group's owner and admins without reading all members.
    index("members_staff").on(table.conversation).where(sql`${table.role} <> 'member'`),
  ],
);
