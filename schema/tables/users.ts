import { pgTable, text } from "drizzle-orm/pg-core";
import type { UserId } from "../wire/ids.ts";
import { moment, snowflake } from "./columns.ts";

export const users = pgTable("users", {
  id: snowflake<UserId>("id").primaryKey(),
  username: text("username").notNull(),
  /** the user name after NFKC and case folding: what is unique, and what a search looks at */
  usernameFolded: text("username_folded").notNull().unique(),
  displayName: text("display_name").notNull(),
  avatarUrl: text("avatar_url"),
  /** scrypt, with its cost and salt in front: see `workers/api/password.ts` */
  passwordHash: text("password_hash").notNull(),
  createdAt: moment("created_at").notNull().defaultNow(),
  lastSeenAt: moment("last_seen_at"),
});
