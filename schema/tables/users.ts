import { sql } from "drizzle-orm";
import { index, pgTable, text } from "drizzle-orm/pg-core";
import type { UserId } from "../wire/ids.ts";
import { moment, snowflake } from "./columns.ts";

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
    /** an scrypt hash, prefixed with its cost and salt: see `workers/api/password.ts` */
    passwordHash: text("password_hash").notNull(),
    createdAt: moment("created_at").notNull().defaultNow(),
    lastSeenAt: moment("last_seen_at"),
  },
  (table) => [
    index("users_search").using("gin", table.searchGrams),
    index("users_avatar").on(table.avatarUrl).where(sql`${table.avatarUrl} IS NOT NULL`),
  ],
);
