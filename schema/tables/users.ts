import { index, pgTable, text } from "drizzle-orm/pg-core";
import type { UserId } from "../wire/ids.ts";
import { moment, snowflake } from "./columns.ts";

export const users = pgTable(
  "users",
  {
    id: snowflake<UserId>("id").primaryKey(),
    username: text("username").notNull(),
    /** the user name as `fold` makes it: what is unique */
    usernameFolded: text("username_folded").notNull().unique(),
    displayName: text("display_name").notNull(),
    /** both names as a search compares them, and the grams by which it finds them: see `lib/search-grams.ts` */
    searchText: text("search_text").notNull().default(""),
    searchGrams: text("search_grams").array().notNull().default([]),
    avatarUrl: text("avatar_url"),
    /** scrypt, with its cost and salt in front: see `workers/api/password.ts` */
    passwordHash: text("password_hash").notNull(),
    createdAt: moment("created_at").notNull().defaultNow(),
    lastSeenAt: moment("last_seen_at"),
  },
  (table) => [index("users_search").using("gin", table.searchGrams)],
);
