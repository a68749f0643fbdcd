import { index, pgTable, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";
import type { FriendRequestId, UserId } from "../wire/ids.ts";
import { moment, snowflake } from "./columns.ts";
import { users } from "./users.ts";

/** Each friendship has two rows, one for each side. */
export const friendships = pgTable(
  "friendships",
  {
    userId: snowflake<UserId>("user_id")
      .notNull()
      .references(() => users.id),
    friendId: snowflake<UserId>("friend_id")
      .notNull()
      .references(() => users.id),
    createdAt: moment("created_at").notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.friendId] })],
);

/** An open request; the row is deleted when it is accepted or declined. */
export const friendRequests = pgTable(
  "friend_requests",
  {
    id: snowflake<FriendRequestId>("id").primaryKey(),
    fromId: snowflake<UserId>("from_id")
      .notNull()
      .references(() => users.id),
    toId: snowflake<UserId>("to_id")
      .notNull()
      .references(() => users.id),
    note: text("note"),
    createdAt: moment("created_at").notNull().defaultNow(),
  },
  (table) => [
    uniqueIndex("friend_requests_pair").on(table.fromId, table.toId),
    index("friend_requests_to").on(table.toId),
  ],
);

/** Somebody has blocked somebody. The friendship that it ended is restored when neither blocks the other any more. */
export const blocks = pgTable(
  "blocks",
  {
    userId: snowflake<UserId>("user_id")
      .notNull()
      .references(() => users.id),
    blockedId: snowflake<UserId>("blocked_id")
      .notNull()
      .references(() => users.id),
    /** when the friendship began that the block has ended; null when there was none, or another block remembers it */
    friendsSince: moment("friends_since"),
    createdAt: moment("created_at").notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.blockedId] }),
    index("blocks_blocked").on(table.blockedId),
  ],
);
