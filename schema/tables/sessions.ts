import { sql } from "drizzle-orm";
import { index, integer, pgTable, text } from "drizzle-orm/pg-core";
import type { SessionId, UserId } from "../wire/ids.ts";
import { brandedText, moment, snowflake } from "./columns.ts";
import { users } from "./users.ts";

/** A signed-in device. The row is deleted a day after the session ended or expired: `workers/task/cron.ts`. */
export const sessions = pgTable(
  "sessions",
  {
    id: brandedText<SessionId>("id").primaryKey(),
    userId: snowflake<UserId>("user_id")
      .notNull()
      .references(() => users.id),
    /** the device's User-Agent */
    device: text("device").notNull(),
    /** the generation of the current refresh token: the reuse of an older one means that it was stolen */
    generation: integer("generation").notNull().default(0),
    createdAt: moment("created_at").notNull().defaultNow(),
    usedAt: moment("used_at").notNull().defaultNow(),
    /**
     * when the current refresh token expires, and with it the session; each refresh extends it. The API always sets it:
     * the default is for sessions from before this column existed
     */
    expiresAt: moment("expires_at").notNull().default(sql`now() + interval '60 days'`),
    /** when the session was ended before its expiry, such as by a logout */
    endedAt: moment("ended_at"),
  },
  (table) => [
    index("sessions_user").on(table.userId),
    index("sessions_over").on(sql`least(${table.endedAt}, ${table.expiresAt})`),
  ],
);
