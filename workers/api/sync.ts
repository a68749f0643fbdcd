import { z } from "zod";
import type { Database } from "../../lib/database.ts";
import { messageJson } from "../../lib/views/message.ts";
import type { SyncAnswer, SyncRequest } from "../../schema/wire/conversation.ts";
import { Rev, Seq, type UserId } from "../../schema/wire/ids.ts";
import { Message } from "../../schema/wire/message.ts";

/** The most messages of one conversation in a response: of one that the request names, and of another with `latest`. */
const PER_CONVERSATION = 200;
const LATEST = 20;
/** The most conversations in a response, and the number of messages after which it begins no further conversation. */
const CONVERSATIONS = 200;
const MESSAGES = 1_000;

/**
 * The changes in a person's conversations since the device's revs, in one statement.
 *
 * `behind` are the conversations with changes that the device does not have. The number of changes follows from the
 * counters alone, so `taken` is bounded before any message is read. The first conversation is always taken and has at
 * least one change, so every request makes progress. The conversation whose newest message is oldest comes first: one that
 * keeps changing moves to the end of the queue and cannot hold up the others.
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

/** A changed message with its conversation; `waiting` is the number of conversations with changes. */
export const SyncRow = z.object({
  message: Message,
  lastSeq: Seq,
  conversationRev: Rev,
  readSeq: Seq,
  latest: z.boolean(),
  waiting: z.int(),
});
export type SyncRow = z.output<typeof SyncRow>;

/** The changes that a device with these revs does not have, up to the bounds of a response. */
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

/** Groups the rows, which are ordered by conversation and rising rev. */
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
    // Every rev belongs to a message, so without the message of the conversation's rev there is more to come.
    current.more = !latest && message.rev < conversationRev;
    current.rev = current.more ? message.rev : conversationRev;
  }
  return { conversations, more: (rows[0]?.waiting ?? 0) > conversations.length };
}
