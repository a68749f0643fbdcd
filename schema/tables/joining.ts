import { index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import type { GroupId, InviteId, UserId } from "../wire/ids.ts";
import { moment, snowflake } from "./columns.ts";
import { groups } from "./groups.ts";
import { users } from "./users.ts";

/** Who waits to be let into a group; the row is deleted when they are accepted, declined, or join otherwise. */
export const joinRequests = pgTable(
  "join_requests",
  {
    groupId: snowflake<GroupId>("group_id")
      .notNull()
      .references(() => groups.id, { onDelete: "cascade" }),
    userId: snowflake<UserId>("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    createdAt: moment("created_at").notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.groupId, table.userId] }),
    index("join_requests_oldest").on(table.groupId, table.createdAt, table.userId),
    // Finds those of an account that is deleted.
    index("join_requests_user").on(table.userId),
  ],
);

/** A link with which anybody may join a group. A spent one stays, so that its last use can be repeated. */
export const invites = pgTable(
  "invites",
  {
    id: snowflake<InviteId>("id").primaryKey(),
    groupId: snowflake<GroupId>("group_id")
      .notNull()
      .references(() => groups.id, { onDelete: "cascade" }),
    /** 128 random bits; kept as it is, because the list shows it to the group's staff */
    token: text("token").notNull().unique(),
    /** null: never */
    expiresAt: moment("expires_at"),
    /** null: any number */
    maxUses: integer("max_uses"),
    uses: integer("uses").notNull().default(0),
    createdAt: moment("created_at").notNull().defaultNow(),
  },
  (table) => [
    index("invites_group").on(table.groupId, table.id),
    // Finds those that cron removes.
    index("invites_expiry").on(table.expiresAt),
  ],
);
