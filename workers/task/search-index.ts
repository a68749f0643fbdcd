import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { tokensOf } from "../../lib/message-search.ts";
import { MessageId, Rev } from "../../schema/wire/ids.ts";
import type { Task } from "./context.ts";

/** How long the index waits for further messages, so that a busy system fills it in batches (milliseconds). */
const GATHER_MS = 250;
/** How many messages a batch has, and how many batches one call indexes at most. */
const BATCH = 200;
const BATCHES = 50;
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
 * now and stays unindexed. What a drain has locked is left to the next run: waiting for it could end in a deadlock.
 */
const INDEX = `
  WITH asked AS (
    SELECT * FROM unnest($1::bigint[], $2::int[], $3::text[]) AS asked (id, rev, tokens)
  ), indexed AS (
    INSERT INTO message_tokens (message_id, conversation, rev, tokens)
    SELECT messages.id, messages.conversation, asked.rev, CASE WHEN asked.tokens IS NULL THEN '{}' ELSE
             asked.tokens::int[] || field_token('conversation', messages.conversation)
                                 || field_token('sender', messages.sender_id::text)
           END
      FROM asked JOIN messages ON messages.id = asked.id
     ORDER BY messages.id
    ON CONFLICT (message_id) DO UPDATE SET rev = excluded.rev, tokens = excluded.tokens
     WHERE message_tokens.rev < excluded.rev
  )
  DELETE FROM unindexed_messages WHERE message_id IN (
    SELECT unindexed.message_id
      FROM unindexed_messages AS unindexed JOIN asked ON asked.id = unindexed.message_id AND asked.rev = unindexed.rev
       FOR UPDATE OF unindexed SKIP LOCKED
  )`;

let running: { until: number } | undefined;
let woken = false;

/**
 * Indexes, in a moment, what was stored just now; calls meanwhile are served by the same run. Not a part of the drain:
 * messages are delivered before they are found. What a run leaves, because it fails or is ended, is left to cron.
 */
export async function indexSoon(task: Task): Promise<void> {
  woken = true;
  if (running !== undefined && Date.now() < running.until) return;
  const own = { until: Date.now() + BELIEVED_MS };
  running = own;
  try {
    for (let batches = 0; woken && batches < BATCHES; ) {
      await sleep(GATHER_MS);
      woken = false;
      for (let full = true; full && batches < BATCHES; batches++) {
        own.until = Date.now() + BELIEVED_MS;
        full = await indexBatch(task);
      }
    }
  } catch (fault) {
    task.log.error("indexing messages failed", fault);
  } finally {
    if (running === own) running = undefined;
  }
}

/** Indexes messages that nobody has indexed. Bounded: what is left is the next sweep's. */
export async function indexForgotten(task: Task): Promise<void> {
  try {
    for (let batches = 0; batches < BATCHES && (await indexBatch(task)); batches++);
  } catch (fault) {
    task.log.error("indexing messages failed", fault);
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
