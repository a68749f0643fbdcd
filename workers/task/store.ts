import { type Database, wireTimestamp } from "../../lib/database.ts";
import { snowflakeMs } from "../../lib/snowflake.ts";
import { Rev, Seq } from "../../schema/wire/ids.ts";
import { Message } from "../../schema/wire/message.ts";
import type { StampedMessage } from "./stamp.ts";

/** What became of a batch in the store. */
export type Stored = {
  /** Every message as it is stored, by `messageKey`; one that was stored before keeps the id, seq and rev it has. */
  messages: Map<string, Message>;
  /** Messages not stored because their conversation holds a later id: to be stamped again, later than `floorMs`. */
  stale: StampedMessage[];
  floorMs: number;
};

/** What makes a message the same message: its sender and the client's id. */
export function messageKey(message: { senderId: string; clientId: string }): string {
  return `${message.senderId} ${message.clientId}`;
}

/** Row locks, always taken in the order of conversation ids: two drains cannot deadlock. */
const LOCK_CONVERSATIONS = `
  SELECT id FROM conversations WHERE id = ANY($1::text[]) ORDER BY id FOR UPDATE`;

/**
 * Stores what is not stored yet. It is a statement of its own, after the locks, so that it sees what others committed
 * before they let go. `known` are the messages that are stored already; `fresh` the others, with the counters of their
 * conversations; `numbered` gives those their places, and says whether their ids fit on top of the conversation's newest.
 * What is looked up is looked up one by one, through an index: a planner without statistics would read whole tables.
 */
const STORE_MESSAGES = `
  WITH asked AS (
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::jsonb[], $6::timestamptz[])
      WITH ORDINALITY AS asked (conversation, id, sender_id, client_id, content, sent_at, place)
  ), known AS (
    SELECT found.* FROM asked CROSS JOIN LATERAL (
      SELECT * FROM messages
       WHERE messages.sender_id = asked.sender_id AND messages.client_id = asked.client_id LIMIT 1
    ) AS found
  ), fresh AS (
    SELECT asked.*, counters.last_seq, counters.rev AS last_rev, counters.last_message_id
      FROM asked CROSS JOIN LATERAL (
        SELECT * FROM conversations WHERE conversations.id = asked.conversation LIMIT 1
      ) AS counters
     WHERE NOT EXISTS (
       SELECT 1 FROM known WHERE known.sender_id = asked.sender_id AND known.client_id = asked.client_id
     )
  ), numbered AS (
    SELECT *, (last_seq + row_number() OVER later)::int AS seq, (last_rev + row_number() OVER later)::int AS rev,
           coalesce(min(id) OVER (PARTITION BY conversation) > last_message_id, true) AS fits
      FROM fresh
    WINDOW later AS (PARTITION BY conversation ORDER BY place)
  ), inserted AS (
    INSERT INTO messages (id, conversation, seq, rev, sender_id, client_id, content, sent_at)
    SELECT id, conversation, seq, rev, sender_id, client_id, content, sent_at FROM numbered WHERE fits
  ), counted AS (
    UPDATE conversations SET last_seq = newest.seq, rev = newest.rev, last_message_id = newest.id
      FROM (SELECT conversation, max(seq) AS seq, max(rev) AS rev, max(id) AS id
              FROM numbered WHERE fits GROUP BY conversation) AS newest
     WHERE conversations.id = newest.conversation
  ), written AS (
    UPDATE members SET read_seq = newest.seq
      FROM (SELECT conversation, sender_id, max(seq) AS seq
              FROM numbered WHERE fits GROUP BY conversation, sender_id) AS newest
     WHERE members.conversation = newest.conversation AND members.user_id = newest.sender_id
       AND members.read_seq < newest.seq
  )
  SELECT sender_id, client_id, id, conversation, seq, rev, content, sent_at, NULL::bigint AS last_message_id FROM known
  UNION ALL
  SELECT sender_id, client_id, id, conversation, seq, rev, NULL, NULL, CASE WHEN fits THEN NULL ELSE last_message_id END
    FROM numbered`;

/**
 * Stores a batch of any number of messages of any number of conversations in one round trip: each conversation gets its
 * next seqs and revs without a gap, the sender has read what they wrote, and nothing is stored twice. A message of a
 * conversation that does not exist is in neither answer.
 */
export async function store(database: Database, batch: StampedMessage[]): Promise<Stored> {
  const asked = new Map<string, StampedMessage>();
  for (const message of batch) {
    const key = messageKey(message);
    if (!asked.has(key)) asked.set(key, message);
  }
  if (asked.size === 0) return { messages: new Map(), stale: [], floorMs: 0 };
  const once = [...asked.values()];
  const sql = database.$client;
  const [, rows = []] = await sql.transaction([
    sql.query(LOCK_CONVERSATIONS, [[...new Set(once.map(({ conversation }) => conversation))]]),
    sql.query(STORE_MESSAGES, [
      once.map(({ conversation }) => conversation),
      once.map(({ id }) => id),
      once.map(({ senderId }) => senderId),
      once.map(({ clientId }) => clientId),
      once.map(({ content }) => JSON.stringify(content)),
      once.map(({ acceptedAt }) => acceptedAt),
    ]),
  ]);

  const messages = new Map<string, Message>();
  const stale: StampedMessage[] = [];
  let floorMs = 0;
  for (const row of rows) {
    const key = messageKey({ senderId: String(row.sender_id), clientId: String(row.client_id) });
    const message = asked.get(key);
    if (message === undefined) continue;
    if (row.last_message_id === null) messages.set(key, stored(row, message));
    else {
      stale.push(message);
      floorMs = Math.max(floorMs, snowflakeMs(BigInt(row.last_message_id)));
    }
  }
  return { messages, stale, floorMs };
}

/** A message as it is stored; of one that was stored just now, the row says only what the asker did not know. */
function stored(row: Record<string, unknown>, asked: StampedMessage): Message {
  const { id, conversation, senderId, clientId, content, acceptedAt } = asked;
  const place = { seq: Seq.parse(row.seq), rev: Rev.parse(row.rev) };
  if (row.content === null)
    return { id, conversation, ...place, senderId, clientId, content, sentAt: acceptedAt };
  return Message.parse({
    ...place,
    id: row.id,
    conversation: row.conversation,
    senderId,
    clientId,
    content: row.content,
    sentAt: wireTimestamp(row.sent_at),
  });
}
