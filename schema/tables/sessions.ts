import { sql } from "drizzle-orm";
import { index, integer, pgTable, text } from "drizzle-orm/pg-core";
import type { SessionId, UserId } from "../wire/ids.ts";
import { brandedText, moment, snowflake } from "./columns.ts";
import { users } from "./users.ts";

/** A signed-in device. The row of a session that is over is removed a day later: see `workers/task/cron.ts`. */
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
    /**
     * when the current refresh token expires, and with it the session; each refresh moves it. The API always sets it: the
     * default is for sessions from before there was an expiry
     */
    expiresAt: moment("expires_at").notNull().default(sql`now() + interval '60 days'`),
    /** when somebody ended it */
    endedAt: moment("ended_at"),
  },
  (table) => [
    index("sessions_user").on(table.userId),
    index("sessions_over").on(sql`least(${table.endedAt}, ${table.expiresAt})`),
  ],
);
