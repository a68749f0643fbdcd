import type { Database } from "../lib/database.ts";
import { MEDIA_IS_THERE } from "../lib/media.ts";
import type { Submission } from "../lib/rpc/logic.ts";
import { type Refusal, refuse } from "../lib/rpc/outcome.ts";
import type { Send } from "../schema/wire/operation.ts";

/**
 * What is known of the uploads that some sends hold: `same` is null unless the sender may send it, and false when the
 * content is another than the upload's. `known`: the message is stored already, whatever has become of the upload.
 */
const LOOK = `
  SELECT asked.place - 1 AS place, found.content = asked.content AS same,
         EXISTS (
           SELECT 1 FROM messages
            WHERE messages.sender_id = asked.user_id AND messages.client_id = asked.client_id
         ) AS known
    FROM unnest($1::jsonb[], $2::bigint[], $3::text[]) WITH ORDINALITY AS asked (content, user_id, client_id, place)
    LEFT JOIN LATERAL (
      SELECT content FROM media
       WHERE media.url = asked.content->>'url' AND ${MEDIA_IS_THERE}
         AND (media.uploader_id = asked.user_id OR EXISTS (
           SELECT 1 FROM messages CROSS JOIN LATERAL (
             SELECT 1 FROM members
              WHERE members.conversation = messages.conversation AND members.user_id = asked.user_id LIMIT 1
           ) AS own WHERE messages.content->>'url' = media.url
         ))
       LIMIT 1
    ) AS found ON true`;

/**
 * Judges what some sends hold: only what its sender has uploaded, or finds in a conversation of theirs, and exactly as
 * the upload described it. One statement when there is anything uploaded among them, none otherwise.
 */
export async function judgeMedia(database: Database, batch: Submission<Send>[]): Promise<(Refusal | null)[]> {
  const asked = batch.filter(({ frame: { content } }) => content !== undefined && "url" in content);
  if (asked.length === 0) return batch.map(() => null);
  const rows = await database.$client.query(LOOK, [
    asked.map(({ frame }) => JSON.stringify(frame.content)),
    asked.map(({ userId }) => userId),
    asked.map(({ frame }) => frame.clientId),
  ]);
  const refusals = new Map<Submission<Send>, Refusal>(asked.map((one) => [one, refuse("media_not_found")]));
  for (const { place, same, known } of rows) {
    const submission = asked[Number(place)];
    if (submission === undefined) continue;
    if (same === true || known === true) refusals.delete(submission);
    else if (same === false)
      refusals.set(submission, refuse("invalid_request", "The content is not what the upload returned"));
  }
  return batch.map((submission) => refusals.get(submission) ?? null);
}
