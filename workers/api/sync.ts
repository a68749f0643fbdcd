import { z } from "zod";
import type { Database } from "../../lib/database.ts";
import { messageJson, notHidden } from "../../lib/views/message.ts";
import type { SyncRequest, SyncResponse } from "../../schema/wire/conversation.ts";
import { ConversationId } from "../../schema/wire/conversation-id.ts";
import { MessageId, Rev, Seq, type UserId } from "../../schema/wire/ids.ts";
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
 * keeps changing moves to the end of the queue and cannot hold up the others. Changed messages may have been removed for
 * their age: fewer are found then than the counters say, and a conversation that has none left is still in the response.
 *
 * Hidden messages are counted and left out. What was hidden at the device's rev or later is named: the device may not know
 * of it, and would show even a message that it does not have once somebody changes it. That is no change: such conversations
 * come in addition to the bounds, and do not count as further ones.
 */
const SYNC = `
  WITH known AS (
    SELECT * FROM unnest($2::text[], $3::int[]) AS known (conversation, rev)
  ), behind AS (
    SELECT conversations.id, conversations.first_seq, conversations.last_seq, conversations.rev, conversations.last_message_id,
           members.read_seq, coalesce(known.rev, 0) AS since, known.rev IS NULL AND $4::boolean AS latest
      FROM members
      JOIN conversations ON conversations.id = members.conversation
      LEFT JOIN known ON known.conversation = conversations.id
     WHERE members.user_id = $1::bigint AND (
             conversations.rev > coalesce(known.rev, 0)
             OR known.rev > 0 AND EXISTS (
               SELECT 1 FROM hidden_messages AS hidden
                WHERE hidden.user_id = $1::bigint AND hidden.conversation = members.conversation
                  AND hidden.rev >= known.rev
             )
           )
  ), measured AS (
    SELECT *, CASE WHEN latest THEN least(last_seq, ${LATEST}) ELSE least(greatest(rev - since, 0), ${PER_CONVERSATION}) END AS size
      FROM behind
  ), queue AS (
    SELECT *, row_number() OVER turn AS place, sum(size) OVER turn - size AS ahead,
           count(*) FILTER (WHERE rev > since) OVER () AS waiting
      FROM measured
    WINDOW turn AS (ORDER BY rev <= since, last_message_id, id)
  ), taken AS (
    SELECT * FROM queue WHERE (place <= ${CONVERSATIONS} AND ahead < ${MESSAGES}) OR rev <= since
  )
  SELECT taken.id AS conversation, taken.first_seq AS "firstSeq", taken.last_seq AS "lastSeq",
         taken.rev AS "conversationRev", taken.read_seq AS "readSeq", taken.latest,
         taken.rev > taken.since AS "isBehind", taken.waiting::int AS waiting,
         CASE WHEN found.id IS NOT NULL THEN ${messageJson("found")} END AS message,
         NOT ${notHidden("found.id", "$1::bigint")} AS "isHidden",
         CASE WHEN row_number() OVER (PARTITION BY taken.place ORDER BY found.rev) = 1 THEN (
           SELECT array_agg(hidden.message_id::text ORDER BY hidden.message_id) FROM hidden_messages AS hidden
            WHERE hidden.user_id = $1::bigint AND hidden.conversation = taken.id
              AND hidden.rev >= taken.since
         ) END AS hides
    FROM taken
    LEFT JOIN LATERAL (
     (SELECT * FROM messages
       WHERE NOT taken.latest AND messages.conversation = taken.id AND messages.rev > taken.since
       ORDER BY messages.rev LIMIT ${PER_CONVERSATION})
     UNION ALL
     (SELECT * FROM messages
       WHERE taken.latest AND messages.conversation = taken.id AND messages.seq > taken.last_seq - ${LATEST})
   ) AS found ON true
   ORDER BY taken.place, found.rev`;

/**
 * A changed message with its conversation, null when none of the changed ones is left, or when nothing but hides is new
 * there (then it is not `isBehind`); `waiting` is the number of conversations with changes. The first row of a conversation
 * has its `hides`.
 */
export const SyncRow = z.object({
  conversation: ConversationId,
  message: Message.nullable(),
  isHidden: z.boolean(),
  hides: z.array(MessageId).nullable(),
  firstSeq: Seq,
  lastSeq: Seq,
  conversationRev: Rev,
  readSeq: Seq,
  latest: z.boolean(),
  isBehind: z.boolean(),
  waiting: z.int(),
});
export type SyncRow = z.output<typeof SyncRow>;

/** The changes that a device with these revs does not have, up to the bounds of a response. */
export async function sync(
  database: Database,
  userId: UserId,
  { conversations, others }: SyncRequest,
): Promise<SyncResponse> {
  const rows = await database.$client.query(SYNC, [
    userId,
    Object.keys(conversations),
    Object.values(conversations),
    others === "latest",
  ]);
  return assemble(rows.map((row) => SyncRow.parse(row)));
}

/** Groups the rows, which are ordered by conversation and rising rev. */
export function assemble(rows: SyncRow[]): SyncResponse {
  const conversations: SyncResponse["conversations"] = [];
  let changed = 0;
  let found = 0;
  for (const row of rows) {
    const { firstSeq, lastSeq, conversationRev: rev, readSeq, latest, message, isHidden, hides } = row;
    let current = conversations.at(-1);
    if (current?.id !== row.conversation) {
      const hidden = hides === null ? {} : { hidden: hides };
      current = {
        id: row.conversation,
        firstSeq,
        lastSeq,
        rev,
        readSeq,
        messages: [],
        ...hidden,
        more: false,
      };
      conversations.push(current);
      if (row.isBehind) changed += 1;
      found = 0;
    }
    if (message === null) continue;
    found += 1;
    if (!isHidden) current.messages.push(message);
    // Only as many messages as fit leave a rest: the message of the conversation's rev may have been removed.
    current.more = !latest && found === PER_CONVERSATION && message.rev < rev;
    current.rev = current.more ? message.rev : rev;
  }
  return { conversations, more: (rows[0]?.waiting ?? 0) > changed };
}
