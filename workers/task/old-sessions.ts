import { sql } from "drizzle-orm";
import { ACCESS_TOKEN_SECONDS } from "../../lib/access-token.ts";
import type { Database } from "../../lib/database.ts";

/** A session that is over is kept for a day longer than any access token of it can live. */
const KEPT_SECONDS = ACCESS_TOKEN_SECONDS + 86_400;
/** How many rows one statement removes: it runs every minute, so that is more than seven million a day. */
const BATCH = 5_000;

/** Removes the sessions that ended or expired more than a day ago, a batch of them. One statement, by an index. */
export async function forgetOldSessions(database: Database): Promise<void> {
  await database.execute(sql`
    DELETE FROM sessions WHERE id IN (
      SELECT id FROM sessions
       WHERE least(ended_at, expires_at) < now() - make_interval(secs => ${KEPT_SECONDS})
       ORDER BY least(ended_at, expires_at)
       LIMIT ${BATCH}
    )`);
}
