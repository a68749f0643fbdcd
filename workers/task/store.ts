import { type Database, wireTimestamp } from "../../lib/database.ts";
import { snowflakeMs } from "../../lib/snowflake.ts";
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
 * before they let go. `fresh` are the messages that are new, each once; `fenced` leaves out those whose conversation
 * holds an id that is not below theirs; `numbered` gives the others their places.
 */
const STORE_MESSAGES = `
  WITH asked AS (
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::jsonb[], $6::timestamptz[])
      WITH ORDINALITY AS asked (conversation, id, sender_id, client_id, content, sent_at, place)
  ), known AS (
    SELECT messages.* FROM messages
      JOIN (SELECT DISTINCT sender_id, client_id FROM asked) AS wanted USING (sender_id, client_id)
  ), fresh AS (
    SELECT DISTINCT ON (sender_id, client_id) asked.* FROM asked
     WHERE NOT EXISTS (
       SELECT 1 FROM known WHERE known.sender_id = asked.sender_id AND known.client_id = asked.client_id
     )
     ORDER BY sender_id, client_id, place
  ), fenced AS (
    SELECT conversations.id, conversations.last_seq, conversations.rev FROM conversations
      JOIN (SELECT conversation, min(id) AS lowest FROM fresh GROUP BY conversation) AS wanted
        ON wanted.conversation = conversations.id
     WHERE conversations.last_message_id IS NULL OR wanted.lowest > conversations.last_message_id
  ), numbered AS (
    SELECT fresh.*,
           fenced.last_seq + row_number() OVER (PARTITION BY fresh.conversation ORDER BY fresh.place) AS seq,
           fenced.rev + row_number() OVER (PARTITION BY fresh.conversation ORDER BY fresh.place) AS rev
      FROM fresh JOIN fenced ON fenced.id = fresh.conversation
  ), inserted AS (
    INSERT INTO messages (id, conversation, seq, rev, sender_id, client_id, content, sent_at)
    SELECT id, conversation, seq, rev, sender_id, client_id, content, sent_at FROM numbered
    RETURNING *
  ), counted AS (
    UPDATE conversations
       SET last_seq = newest.seq, rev = newest.rev, last_message_id = newest.id
      FROM (SELECT conversation, max(seq) AS seq, max(rev) AS rev, max(id) AS id FROM numbered GROUP BY conversation)
        AS newest
     WHERE conversations.id = newest.conversation
  ), written AS (
    UPDATE members SET read_seq = newest.seq
      FROM (SELECT conversation, sender_id, max(seq) AS seq FROM numbered GROUP BY conversation, sender_id) AS newest
     WHERE members.conversation = newest.conversation AND members.user_id = newest.sender_id
       AND members.read_seq < newest.seq
  )
  SELECT id, conversation, seq, rev, sender_id, client_id, content, sent_at, NULL::bigint AS last_message_id FROM known
  UNION ALL
  SELECT id, conversation, seq, rev, sender_id, client_id, content, sent_at, NULL::bigint FROM inserted
  UNION ALL
  SELECT fresh.id, fresh.conversation, NULL, NULL, fresh.sender_id, fresh.client_id, NULL, NULL,
         conversations.last_message_id
    FROM fresh JOIN conversations ON conversations.id = fresh.conversation
   WHERE NOT EXISTS (SELECT 1 FROM fenced WHERE fenced.id = fresh.conversation)`;

/**
 * Stores a batch of any number of messages of any number of conversations in one round trip: each conversation gets its
 * next seqs and revs without a gap, the sender has read what they wrote, and nothing is stored twice. A message of a
 * conversation that does not exist is in neither answer.
 */
export async function store(database: Database, batch: StampedMessage[]): Promise<Stored> {
  if (batch.length === 0) return { messages: new Map(), stale: [], floorMs: 0 };
  const sql = database.$client;
  const [, rows = []] = await sql.transaction([
    sql.query(LOCK_CONVERSATIONS, [[...new Set(batch.map(({ conversation }) => conversation))]]),
    sql.query(STORE_MESSAGES, [
      batch.map(({ conversation }) => conversation),
      batch.map(({ id }) => id),
      batch.map(({ senderId }) => senderId),
      batch.map(({ clientId }) => clientId),
      batch.map(({ content }) => JSON.stringify(content)),
      batch.map(({ acceptedAt }) => acceptedAt),
    ]),
  ]);

  const messages = new Map<string, Message>();
  const staleKeys = new Set<string>();
  let floorMs = 0;
  for (const row of rows) {
    const key = messageKey({ senderId: String(row.sender_id), clientId: String(row.client_id) });
    if (row.last_message_id === null) messages.set(key, toMessage(row));
    else {
      staleKeys.add(key);
      floorMs = Math.max(floorMs, snowflakeMs(BigInt(row.last_message_id)));
    }
  }
  return { messages, stale: batch.filter((message) => staleKeys.has(messageKey(message))), floorMs };
}

function toMessage(row: Record<string, unknown>): Message {
  return Message.parse({
    id: row.id,
    conversation: row.conversation,
    seq: row.seq,
    rev: row.rev,
    senderId: row.sender_id,
    clientId: row.client_id,
    content: row.content,
    sentAt: wireTimestamp(row.sent_at),
  });
}
