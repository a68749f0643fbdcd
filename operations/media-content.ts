import type { Database } from "../lib/database.ts";
import { MEDIA_IS_THERE } from "../lib/media.ts";
import type { Submission } from "../lib/rpc/logic.ts";
import { type Refusal, refuse } from "../lib/rpc/outcome.ts";
import type { Send } from "../schema/wire/operation.ts";

/**
 * Judges what some `send`s hold: only what its sender has uploaded, or finds in a conversation of theirs, and exactly as
 * the upload described it. One statement when there is anything uploaded among them, none otherwise.
 */
export async function judgeMedia(database: Database, batch: Submission<Send>[]): Promise<(Refusal | null)[]> {
  const asked = batch.filter(({ frame }) => "url" in frame.content);
  if (asked.length === 0) return batch.map(() => null);
  const rows = await database.$client.query(
    `SELECT asked.place - 1 AS place, found.content = asked.content AS same
       FROM unnest($1::jsonb[], $2::bigint[]) WITH ORDINALITY AS asked (content, user_id, place)
      CROSS JOIN LATERAL (
        SELECT * FROM media WHERE media.url = asked.content->>'url' AND ${MEDIA_IS_THERE} LIMIT 1
      ) AS found
      WHERE found.uploader_id = asked.user_id OR EXISTS (
        SELECT 1 FROM messages CROSS JOIN LATERAL (
          SELECT 1 FROM members
           WHERE members.conversation = messages.conversation AND members.user_id = asked.user_id LIMIT 1
        ) AS own WHERE messages.content->>'url' = found.url
      )`,
    [asked.map(({ frame }) => JSON.stringify(frame.content)), asked.map(({ userId }) => userId)],
  );
  const refusals = new Map<Submission<Send>, Refusal>(
    asked.map((submission) => [submission, refuse("media_not_found")]),
  );
  for (const { place, same } of rows) {
    const submission = asked[Number(place)];
    if (submission === undefined) continue;
    if (same === true) refusals.delete(submission);
    else refusals.set(submission, refuse("invalid_request", "The content is not what the upload returned"));
  }
  return batch.map((submission) => refusals.get(submission) ?? null);
}
