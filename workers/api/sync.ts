import { z } from "zod";
import type { Database } from "../../lib/database.ts";
import { messageJson } from "../../lib/views/message.ts";
import type { SyncAnswer, SyncRequest } from "../../schema/wire/conversation.ts";
import { Rev, Seq, type UserId } from "../../schema/wire/ids.ts";
import { Message } from "../../schema/wire/message.ts";

/** How many messages of one conversation an answer holds at the most, and of one that a new device does not name. */
const PER_CONVERSATION = 200;
const LATEST = 20;
/** How many conversations an answer holds, and after how many messages it begins no further one. */
const CONVERSATIONS = 200;
const MESSAGES = 1_000;

/**
 * What has changed in a person's conversations, in one statement however many there are.
 *
 * `behind` are the conversations that are ahead of the device. How much of each is to come follows from its counters
 * alone, so `taken` stops at the bound before any message is read. The first is always taken and each that is taken
 * brings at least one change, so asking again with the revs that one now has always goes on. What has waited longest
 * comes first: a conversation that keeps changing goes to the end of the queue and cannot hold up the others.
 */
const SYNC = `
  WITH known AS (
    SELECT * FROM unnest($2::text[], $3::int[]) AS known (conversation, rev)
  ), behind AS (
    SELECT conversations.id, conversations.last_seq, conversations.rev, conversations.last_message_id,
           members.read_seq, coalesce(known.rev, 0) AS since, known.rev IS NULL AND $4::boolean AS latest
      FROM members
      JOIN conversations ON conversations.id = members.conversation
      LEFT JOIN known ON known.conversation = conversations.id
     WHERE members.user_id = $1::bigint AND conversations.rev > coalesce(known.rev, 0)
  ), measured AS (
    SELECT *, CASE WHEN latest THEN least(last_seq, ${LATEST}) ELSE least(rev - since, ${PER_CONVERSATION}) END AS size
      FROM behind
  ), queue AS (
    SELECT *, row_number() OVER turn AS place, sum(size) OVER turn - size AS ahead, count(*) OVER () AS waiting
      FROM measured
    WINDOW turn AS (ORDER BY last_message_id, id)
  ), taken AS (
    SELECT * FROM queue WHERE place <= ${CONVERSATIONS} AND ahead < ${MESSAGES}
  )
  SELECT taken.last_seq AS "lastSeq", taken.rev AS "conversationRev", taken.read_seq AS "readSeq", taken.latest,
         taken.waiting::int AS waiting, ${messageJson("found")} AS message
    FROM taken
   CROSS JOIN LATERAL (
     (SELECT * FROM messages
       WHERE NOT taken.latest AND messages.conversation = taken.id AND messages.rev > taken.since
       ORDER BY messages.rev LIMIT ${PER_CONVERSATION})
     UNION ALL
     (SELECT * FROM messages
       WHERE taken.latest AND messages.conversation = taken.id AND messages.seq > taken.last_seq - ${LATEST})
   ) AS found
   ORDER BY taken.place, found.rev`;

/** A changed message, with the conversation it is of; `waiting` counts all that are ahead of the device. */
export const SyncRow = z.object({
  message: Message,
  lastSeq: Seq,
  conversationRev: Rev,
  readSeq: Seq,
  latest: z.boolean(),
  waiting: z.int(),
});
export type SyncRow = z.output<typeof SyncRow>;

/** What a device lacks that has these revs. */
export async function sync(
  database: Database,
  userId: UserId,
  { conversations, others }: SyncRequest,
): Promise<SyncAnswer> {
  const rows = await database.$client.query(SYNC, [
    userId,
    Object.keys(conversations),
    Object.values(conversations),
    others === "latest",
  ]);
  return assemble(rows.map((row) => SyncRow.parse(row)));
}

/** Puts the rows together, which come by conversation and in rising rev. */
export function assemble(rows: SyncRow[]): SyncAnswer {
  const conversations: SyncAnswer["conversations"] = [];
  for (const { lastSeq, conversationRev, readSeq, latest, message } of rows) {
    let current = conversations.at(-1);
    if (current?.id !== message.conversation) {
      const id = message.conversation;
      current = { id, lastSeq, rev: conversationRev, readSeq, messages: [], more: false };
      conversations.push(current);
    }
    current.messages.push(message);
    // The newest change is always a message's: when it is not here, there is more, and this is how far one has come.
    current.more = !latest && message.rev < conversationRev;
    current.rev = current.more ? message.rev : conversationRev;
  }
  return { conversations, more: (rows[0]?.waiting ?? 0) > conversations.length };
}
