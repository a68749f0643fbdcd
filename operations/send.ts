import { messageJson } from "../lib/views/message.ts";
import { Rev, Seq } from "../schema/wire/ids.ts";
import type { Message } from "../schema/wire/message.ts";
import type { Send } from "../schema/wire/operation.ts";
import { conversationRecipients, type LoggedOperation, type OperationKind, type Row } from "./kind.ts";
import { judgeMedia } from "./media-content.ts";
import { messageEffects } from "./message-change.ts";

/**
 * Stores what is not stored yet: each conversation gets its next seqs and revs without a gap, in the order of the log,
 * and the senders have read what they wrote. `known` are the messages that are stored already (the same sender and
 * client id): they keep the id, seq and rev they have. A message of a conversation that does not exist is in neither.
 * Each look-up is a LATERAL by index: a planner without statistics would read whole tables for a join.
 */
const STORE_MESSAGES = `
  WITH asked AS (
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::jsonb[], $6::timestamptz[])
      WITH ORDINALITY AS asked (conversation, id, sender_id, client_id, content, sent_at, place)
  ), known AS (
    SELECT asked.place, found.* FROM asked CROSS JOIN LATERAL (
      SELECT * FROM messages
       WHERE messages.sender_id = asked.sender_id AND messages.client_id = asked.client_id LIMIT 1
    ) AS found
  ), fresh AS (
    SELECT asked.*, counters.last_seq, counters.rev AS last_rev
      FROM asked CROSS JOIN LATERAL (
        SELECT * FROM conversations WHERE conversations.id = asked.conversation LIMIT 1
      ) AS counters
     WHERE NOT EXISTS (SELECT 1 FROM known WHERE known.place = asked.place)
  ), numbered AS (
    SELECT *, (last_seq + row_number() OVER later)::int AS seq, (last_rev + row_number() OVER later)::int AS rev
      FROM fresh
    WINDOW later AS (PARTITION BY conversation ORDER BY place)
  ), inserted AS (
    INSERT INTO messages (id, conversation, seq, rev, sender_id, client_id, content, sent_at)
    SELECT id, conversation, seq, rev, sender_id, client_id, content, sent_at FROM numbered
  ), counted AS (
    UPDATE conversations SET last_seq = newest.seq, rev = newest.rev, last_message_id = newest.id
      FROM (SELECT conversation, max(seq) AS seq, max(rev) AS rev, max(id) AS id
              FROM numbered GROUP BY conversation) AS newest
     WHERE conversations.id = newest.conversation
  ), written AS (
    UPDATE members SET read_seq = newest.seq
      FROM (SELECT conversation, sender_id, max(seq) AS seq FROM numbered GROUP BY conversation, sender_id) AS newest
     WHERE members.conversation = newest.conversation AND members.user_id = newest.sender_id
       AND members.read_seq < newest.seq
  )
  SELECT place - 1 AS place, seq, rev, ${messageJson("known")} AS message FROM known
  UNION ALL
  SELECT place - 1, seq, rev, NULL FROM numbered`;

/** Writing a message. */
export const send: OperationKind<Send> = {
  // Everybody who may write into a conversation may send: a text, or what they may see themselves.
  authorise: ({ database }, batch) => judgeMedia(database, batch),

  changes: () => null,

  apply: (run) => ({
    text: STORE_MESSAGES,
    values: [
      run.map(({ operation }) => operation.conversation),
      run.map(({ id }) => id),
      run.map(({ senderId }) => senderId),
      run.map(({ operation }) => operation.clientId),
      run.map(({ operation }) => JSON.stringify(operation.content)),
      run.map(({ acceptedAt }) => acceptedAt),
    ],
  }),

  push(logged, row) {
    if (row?.message !== null) return messageEffects(row);
    const message = newMessage(row, logged);
    return [{ to: conversationRecipients(message.conversation), event: { ev: "message", message } }];
  },
};

/** A message that was stored just now: the row holds only what was not known before. */
function newMessage(row: Row, { id, senderId, acceptedAt, operation }: LoggedOperation<Send>): Message {
  const { conversation, clientId, content } = operation;
  const place = { seq: Seq.parse(row.seq), rev: Rev.parse(row.rev) };
  return { id, conversation, ...place, senderId, clientId, content, sentAt: acceptedAt };
}
