import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { tokensOf } from "../../lib/message-search.ts";
import { MessageId, Rev } from "../../schema/wire/ids.ts";
import type { Task } from "./context.ts";

/** How long the index waits for further messages, so that a busy system fills it in batches (milliseconds). */
const GATHER_MS = 250;
/** After each batch the index rests this many times as long as the batch took: messages under load come before it. */
const REST = 9;
const MAX_REST_MS = 5_000;
/** How many messages a batch has. */
const BATCH = 1_000;
/** How long a run lasts: the platform ends it after 30 s (milliseconds). */
const RUN_MS = 20_000;
/** How long a run is believed to go on after its last sign of life: the platform may end it without notice (milliseconds). */
const BELIEVED_MS = 15_000;

/** A message that is to be indexed; without a text when it is recalled. */
const Unindexed = z.object({ id: MessageId, rev: Rev, text: z.string().nullable() });

const UNINDEXED = `
  SELECT unindexed.message_id::text AS id, unindexed.rev, messages.content->>'text' AS text
    FROM unindexed_messages AS unindexed LEFT JOIN messages ON messages.id = unindexed.message_id
   ORDER BY unindexed.message_id LIMIT ${BATCH}`;

/**
 * Two runs may index the same message: the newer text stays. A message whose text has changed meanwhile has another rev by
 * now and stays unindexed. What a drain has locked is left to the next run, because waiting for it could end in a deadlock:
 * a drain that edits a message locks it, and then its row here. So the messages are locked first.
 */
const INDEX = `
  WITH asked AS (
    SELECT * FROM unnest($1::bigint[], $2::int[], $3::text[]) AS asked (id, rev, tokens)
  ), free AS MATERIALIZED (
    SELECT messages.id, messages.conversation, messages.sender_id, asked.rev, asked.tokens
      FROM asked JOIN messages ON messages.id = asked.id
     ORDER BY messages.id FOR KEY SHARE OF messages SKIP LOCKED
  ), indexed AS (
    INSERT INTO message_tokens (message_id, conversation, rev, tokens)
    SELECT id, conversation, rev, CASE WHEN tokens IS NULL THEN '{}' ELSE
             tokens::int[] || field_token('conversation', conversation) || field_token('sender', sender_id::text)
           END
      FROM free
     ORDER BY id
    ON CONFLICT (message_id) DO UPDATE SET rev = excluded.rev, tokens = excluded.tokens
     WHERE message_tokens.rev < excluded.rev
  )
  DELETE FROM unindexed_messages WHERE message_id IN (
    SELECT unindexed.message_id
      FROM unindexed_messages AS unindexed JOIN asked ON asked.id = unindexed.message_id AND asked.rev = unindexed.rev
     WHERE asked.id IN (SELECT id FROM free) OR NOT EXISTS (SELECT 1 FROM messages WHERE messages.id = asked.id)
       FOR UPDATE OF unindexed SKIP LOCKED
  )`;

let running: { until: number } | undefined;
let woken = false;

/**
 * Indexes, in a moment, what is not indexed yet; calls meanwhile are served by the same run. Not a part of the drain:
 * messages are delivered before they are found, and a system that is busy for long finds new ones later. What a run leaves,
 * because its time is up, it fails or is ended, is left to the next one: cron makes one a minute.
 */
export async function indexMessages(task: Task): Promise<void> {
  woken = true;
  if (running !== undefined && Date.now() < running.until) return;
  const own = { until: Date.now() + BELIEVED_MS };
  running = own;
  try {
    const end = Date.now() + RUN_MS;
    for (let rest = GATHER_MS; woken && Date.now() < end; ) {
      await sleep(rest);
      woken = false;
      const began = Date.now();
      own.until = began + BELIEVED_MS;
      // A full batch: there may be more.
      if (await indexBatch(task)) woken = true;
      rest = Math.min(Math.max(REST * (Date.now() - began), GATHER_MS), MAX_REST_MS);
    }
  } catch (fault) {
    task.log.error("indexing messages failed", fault);
  } finally {
    if (running === own) running = undefined;
  }
}

/** Indexes a batch in two round trips; returns whether it was full, so that there may be more. */
async function indexBatch({ database }: Task): Promise<boolean> {
  const rows = await database.$client.query(UNINDEXED);
  const messages = rows.map((row) => Unindexed.parse(row));
  if (messages.length === 0) return false;
  await database.$client.query(INDEX, [
    messages.map(({ id }) => id),
    messages.map(({ rev }) => rev),
    messages.map(({ text }) => (text === null ? null : `{${tokensOf(text).join(",")}}`)),
  ]);
  return messages.length === BATCH;
}
