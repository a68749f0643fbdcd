import { sql } from "drizzle-orm";
import { type AnyPgColumn, index, integer, pgTable, primaryKey } from "drizzle-orm/pg-core";
import type { ConversationId } from "../wire/conversation-id.ts";
import type { Role } from "../wire/group.ts";
import type { MessageId, Rev, Seq, UserId } from "../wire/ids.ts";
import { brandedText, moment, snowflake } from "./columns.ts";
import { users } from "./users.ts";

/** SQL: when the oldest message of a conversation with a retention of its own is due to be removed, in UTC. */
function dueAt(oldestAt: AnyPgColumn, retentionDays: AnyPgColumn) {
  return sql`((${oldestAt} AT TIME ZONE 'UTC') + make_interval(days => ${retentionDays}))`;
}

/** A conversation's counters. A transaction that stores messages locks this row. Created with the friendship or group. */
export const conversations = pgTable(
  "conversations",
  {
    id: brandedText<ConversationId>("id").primaryKey(),
    lastSeq: integer("last_seq").$type<Seq>().notNull().default(sql`0`),
    rev: integer("rev").$type<Rev>().notNull().default(sql`0`),
    /** how many of its messages are notices: these do not count as unread */
    notices: integer("notices").notNull().default(0),
    /** the seq of the first message that has not been removed for its age, or the next one's when all have */
    firstSeq: integer("first_seq").$type<Seq>().notNull().default(sql`1`),
    /** how many of the removed messages were notices */
    removedNotices: integer("removed_notices").notNull().default(0),
    /** at or before the time of the message at `firstSeq`, by which cron finds what is due; null without messages */
    oldestAt: moment("oldest_at"),
    /** after how many days messages are removed; null: the system's setting. A trigger copies it from the group */
    retentionDays: integer("retention_days"),
    /** the id of the newest message: a new message needs a greater one, so that ids rise with seq */
    lastMessageId: snowflake<MessageId>("last_message_id"),
    createdAt: moment("created_at").notNull().defaultNow(),
  },
  (table) => [
    // Find the conversations whose oldest message is due, by the system's retention and by their own.
    index("conversations_oldest").on(table.oldestAt).where(sql`${table.retentionDays} IS NULL`),
    index("conversations_due")
      .on(dueAt(table.oldestAt, table.retentionDays))
      .where(sql`${table.retentionDays} IS NOT NULL`),
  ],
);

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
