import { sql } from "drizzle-orm";
import { index, pgTable, text } from "drizzle-orm/pg-core";
import type { UserId } from "../wire/ids.ts";
import type { LastSeen } from "../wire/user.ts";
import { brandedText, moment, snowflake } from "./columns.ts";

/** People. Of a deleted account only the id is left, for the messages that stay: `workers/logic/accounts.ts`. */
export const users = pgTable(
  "users",
  {
    id: snowflake<UserId>("id").primaryKey(),
    username: text("username").notNull(),
    /** the user name after `fold`: unique */
    usernameFolded: text("username_folded").notNull().unique(),
    displayName: text("display_name").notNull(),
    /** both names in the form that a search compares, and their grams: see `lib/search-grams.ts` */
    searchText: text("search_text").notNull().default(""),
    searchGrams: text("search_grams").array().notNull().default([]),
    avatarUrl: text("avatar_url"),
    /** what people say about themselves; empty for nothing */
    about: text("about").notNull().default(""),
    /** an scrypt hash, prefixed with its cost and salt: see `workers/api/password.ts`; null once the account is deleted */
    passwordHash: text("password_hash"),
    createdAt: moment("created_at").notNull().defaultNow(),
    lastSeenAt: moment("last_seen_at"),
    /** who may know when this person was last seen; those who hide it do not see it of others */
    lastSeen: brandedText<LastSeen>("last_seen").notNull().default("friends"),
    deletedAt: moment("deleted_at"),
  },
  (table) => [
    index("users_search").using("gin", table.searchGrams),
    index("users_avatar").on(table.avatarUrl).where(sql`${table.avatarUrl} IS NOT NULL`),
    // Finds the few who hide it among many friends, without reading their rows.
    index("users_discreet").on(table.id).where(sql`${table.lastSeen} = 'nobody'`),
  ],
);
