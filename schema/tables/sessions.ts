import { index, integer, pgTable, text } from "drizzle-orm/pg-core";
import type { SessionId, UserId } from "../wire/ids.ts";
import { brandedText, moment, snowflake } from "./columns.ts";
import { users } from "./users.ts";

/** A signed-in device. */
export const sessions = pgTable(
  "sessions",
  {
    id: brandedText<SessionId>("id").primaryKey(),
    userId: snowflake<UserId>("user_id")
      .notNull()
      .references(() => users.id),
    /** what the device calls itself: its User-Agent */
    device: text("device").notNull(),
    /** which refresh token is the current one: an older one that is shown again is a stolen one */
    generation: integer("generation").notNull().default(0),
    createdAt: moment("created_at").notNull().defaultNow(),
    usedAt: moment("used_at").notNull().defaultNow(),
    endedAt: moment("ended_at"),
  },
  (table) => [index("sessions_user").on(table.userId)],
);
