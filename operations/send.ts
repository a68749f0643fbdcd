import { messageJson } from "../lib/views/message.ts";
import { Rev, Seq } from "../schema/wire/ids.ts";
import type { Content, Message } from "../schema/wire/message.ts";
import type { Send } from "../schema/wire/operation.ts";
import {
  conversationRecipients,
  type Effect,
  type LoggedOperation,
  type OperationKind,
  type Row,
  type Statement,
} from "./kind.ts";
import { judgeMedia } from "./media-content.ts";
import { messageEffects } from "./message-change.ts";

/**
 * Stores what is not stored yet: each conversation gets its next seqs and revs without a gap, in the order of the log,
 * and the senders have read what they wrote, if it is no notice. `known` are the messages that are stored already (the same sender and
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
    SELECT asked.*, counters.last_seq, counters.rev AS last_rev, counters.notices AS last_notices,
           asked.content->>'type' = 'notice' AS is_notice
      FROM asked CROSS JOIN LATERAL (
        SELECT * FROM conversations WHERE conversations.id = asked.conversation LIMIT 1
      ) AS counters
     WHERE NOT EXISTS (SELECT 1 FROM known WHERE known.place = asked.place)
  ), numbered AS (
    SELECT *, (last_seq + row_number() OVER later)::int AS seq, (last_rev + row_number() OVER later)::int AS rev,
           (last_notices + count(*) FILTER (WHERE is_notice) OVER later)::int AS notices
      FROM fresh
    WINDOW later AS (PARTITION BY conversation ORDER BY place)
  ), inserted AS (
    INSERT INTO messages (id, conversation, seq, rev, sender_id, client_id, content, notices, sent_at)
    SELECT id, conversation, seq, rev, sender_id, client_id, content, notices, sent_at FROM numbered
  ), counted AS (
    UPDATE conversations
       SET last_seq = newest.seq, rev = newest.rev, notices = newest.notices, last_message_id = newest.id
      FROM (SELECT conversation, max(seq) AS seq, max(rev) AS rev, max(notices) AS notices, max(id) AS id
              FROM numbered GROUP BY conversation) AS newest
     WHERE conversations.id = newest.conversation
  ), written AS (
    UPDATE members SET read_seq = newest.seq
      FROM (SELECT conversation, sender_id, max(seq) AS seq
              FROM numbered WHERE NOT is_notice GROUP BY conversation, sender_id) AS newest
     WHERE members.conversation = newest.conversation AND members.user_id = newest.sender_id
       AND members.read_seq < newest.seq
  )
  SELECT place - 1 AS place, seq, rev, ${messageJson("known")} AS message FROM known
  UNION ALL
  SELECT place - 1, seq, rev, NULL FROM numbered`;

/** A message that is to be stored; its conversation gives it seq and rev. */
export type NewMessage = Pick<Message, "id" | "conversation" | "senderId" | "clientId" | "sentAt"> & {
  content: Content;
};

/** Writing a message. */
export const send: OperationKind<Send> = {
  // Everybody who may write into a conversation may send: a text, or what they may see themselves.
  authorise: ({ database }, batch) => judgeMedia(database, batch),

  changes: () => null,

  apply: (run) => storeMessages(run.map(messageOf)),

  push: (logged, row) => storedEffects(messageOf(logged), row),
};

/** The statement that stores messages, in this order; what is stored already keeps its place. */
export function storeMessages(messages: NewMessage[]): Statement {
  return {
    text: STORE_MESSAGES,
    values: [
      messages.map(({ conversation }) => conversation),
      messages.map(({ id }) => id),
      messages.map(({ senderId }) => senderId),
      messages.map(({ clientId }) => clientId),
      messages.map(({ content }) => JSON.stringify(content)),
      messages.map(({ sentAt }) => sentAt),
    ],
  };
}

/** A message goes to everybody in its conversation, as the row of `storeMessages` has it: stored now, or before. */
export function storedEffects(asked: NewMessage, row: Row | undefined): Effect[] {
  if (row?.message !== null) return messageEffects(row);
  const { id, conversation, senderId, clientId, content, sentAt } = asked;
  const place = { seq: Seq.parse(row.seq), rev: Rev.parse(row.rev) };
  const message: Message = { id, conversation, ...place, senderId, clientId, content, sentAt };
  return [{ to: conversationRecipients(conversation), event: { ev: "message", message } }];
}

function messageOf({ id, senderId, acceptedAt, operation }: LoggedOperation<Send>): NewMessage {
  const { conversation, clientId, content } = operation;
  return { id, conversation, senderId, clientId, content, sentAt: acceptedAt };
}
