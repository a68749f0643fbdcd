import { z } from "zod";
import { objectKeys } from "../../lib/media.ts";
import { MediaUrl } from "../../schema/wire/media.ts";
import type { Task } from "./context.ts";

/**
 * How many uploads of each of the two reasons a round looks at: R2 deletes at most 1,000 objects in one call, and an
 * upload may have three.
 */
const BATCH = 150;
/** How many rounds a run makes. */
const MAX_ROUNDS = 10;
/** How long after its last use something is kept: a message that was accepted before may not be stored yet. */
const GRACE = "interval '1 hour'";

/** What is due: an upload that nothing has used in its time, or one that something has stopped using. */
const DUE = `
  WITH unused AS (
    SELECT url, NULL::bigint AS release FROM media WHERE kept_until < now() - ${GRACE} ORDER BY kept_until LIMIT $1
  ), released AS (
    SELECT url, id AS release FROM (SELECT * FROM released_media ORDER BY id LIMIT $1) AS oldest
     WHERE released_at < now() - ${GRACE}
  ), due AS (
    SELECT url, coalesce(array_agg(release::text) FILTER (WHERE release IS NOT NULL), '{}') AS releases
      FROM (SELECT * FROM unused UNION ALL SELECT * FROM released) AS both_reasons GROUP BY url
  )
  SELECT url, releases, media_is_used(url) AS used FROM due`;

const Due = z.object({ url: MediaUrl, releases: z.array(z.string()), used: z.boolean() });

/**
 * Removes uploads that nothing names any more, objects first: what fails halfway is found again. What is still used only
 * loses its entry in the list. Nothing can begin to use one meanwhile: logic refuses what is not there by then.
 */
export async function removeUnusedMedia(task: Task): Promise<void> {
  const sql = task.database.$client;
  // A round after the other: each is bounded, and what it has looked at is due no more.
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const due = z.array(Due).parse(await sql.query(DUE, [BATCH]));
    if (due.length === 0) return;
    const unused = due.filter(({ used }) => !used).map(({ url }) => url);
    if (unused.length > 0) await task.media.delete(unused.flatMap(objectKeys));
    await sql.transaction([
      sql.query("DELETE FROM media WHERE url = ANY($1)", [unused]),
      sql.query(`UPDATE media SET kept_until = NULL WHERE url = ANY($1) AND kept_until < now() - ${GRACE}`, [
        due.filter(({ used }) => used).map(({ url }) => url),
      ]),
      sql.query("DELETE FROM released_media WHERE id = ANY($1::bigint[])", [
        due.flatMap(({ releases }) => releases),
      ]),
    ]);
    if (unused.length > 0) task.log.info("media are removed", { count: unused.length });
  }
}
