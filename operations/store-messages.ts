import { messageJson } from "../lib/views/message.ts";
import { Rev, Seq } from "../schema/wire/ids.ts";
import type { Content, Message } from "../schema/wire/message.ts";
import { conversationRecipients, type Effect, type Row, type Statement } from "./kind.ts";
import { membersNamed, noteMentions } from "./mention.ts";
import { messageEffects } from "./message-change.ts";
import { originOf, type References } from "./message-references.ts";

/** A message that is to be stored; its conversation gives it seq and rev. Without content, it has that which it forwards. */
export type NewMessage = Pick<Message, "id" | "conversation" | "senderId" | "clientId" | "sentAt"> & {
  content: Content | null;
  references: References;
};

/** The parts in which storing plain messages differs from storing those that refer to something. */
type Parts = { asked: string; columns?: string; also?: string; message?: string };

/**
 * Stores what is not stored yet: each conversation gets its next seqs and revs without a gap, in the order of the log,
 * and the senders have read what they wrote, if it is no notice. `known` are the messages that are stored already (the same
 * sender and client id): they keep the id, seq and rev they have. A message of a conversation that does not exist, or that
 * was removed for its age, is in neither. Each look-up is a LATERAL by index: a planner without statistics would read whole tables for a join.
 */
function storing({ asked, columns = "", also = "", message = "NULL" }: Parts): string {
  return `
  WITH asked AS (${asked}), known AS (
    SELECT asked.place, found.* FROM asked CROSS JOIN LATERAL (
      SELECT * FROM messages
       WHERE messages.sender_id = asked.sender_id AND messages.client_id = asked.client_id LIMIT 1
    ) AS found
  ), fresh AS (
    SELECT asked.*, counters.last_seq, counters.rev AS last_rev, counters.notices AS last_notices,
           asked.content->>'type' = 'notice' AS is_notice
      FROM asked CROSS JOIN LATERAL (
        SELECT * FROM conversations WHERE conversations.id = asked.conversation LIMIT 1
      ) AS counters LEFT JOIN LATERAL (
        SELECT true AS is_applied FROM applied_operations AS applied
         WHERE applied.sender_id = asked.sender_id AND applied.client_id = asked.client_id LIMIT 1
      ) AS applied ON true
     WHERE is_applied IS NULL AND asked.content IS NOT NULL AND NOT EXISTS (SELECT 1 FROM known WHERE known.place = asked.place)
  ), numbered AS (
    SELECT *, (last_seq + row_number() OVER later)::int AS seq, (last_rev + row_number() OVER later)::int AS rev,
           (last_notices + count(*) FILTER (WHERE is_notice) OVER later)::int AS notices
      FROM fresh
    WINDOW later AS (PARTITION BY conversation ORDER BY place)
  ), inserted AS (
    INSERT INTO messages (id, conversation, seq, rev, sender_id, client_id, content, notices, sent_at${columns})
    SELECT id, conversation, seq, rev, sender_id, client_id, content, notices, sent_at${columns} FROM numbered
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
  )${also}
  SELECT place - 1 AS place, seq, rev, ${messageJson("known")} AS message FROM known
  UNION ALL
  SELECT place - 1, seq, rev, ${message} FROM numbered`;
}

const STORE_PLAIN = storing({
  asked: `
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::jsonb[], $6::timestamptz[])
      WITH ORDINALITY AS asked (conversation, id, sender_id, client_id, content, sent_at, place)`,
});

/**
 * The same for messages of which one replies, names or forwards: it looks up what these refer to, and returns whole
 * messages. What is forwarded has no content, and is not stored, when its original has been recalled meanwhile.
 */
const STORE_REFERRING = storing({
  asked: `
    SELECT given.*, coalesce(given.own_content, source.content) AS content, original.id AS reply_to,
           ${membersNamed("given.conversation", "given.refers->'mentions'")} AS mentions, source.forward_of,
           NULL::timestamptz AS edited_at, NULL::timestamptz AS recalled_at, NULL::jsonb AS reactions,
           NULL::timestamptz AS pinned_at, NULL::jsonb AS reply_left
      FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::jsonb[], $6::timestamptz[], $7::jsonb[])
           WITH ORDINALITY AS given (conversation, id, sender_id, client_id, own_content, sent_at, refers, place)
      LEFT JOIN LATERAL (
        SELECT messages.id FROM messages
         WHERE messages.id = (given.refers->>'replyTo')::bigint AND messages.conversation = given.conversation LIMIT 1
      ) AS original ON true
      LEFT JOIN LATERAL (
        SELECT messages.content, ${originOf("messages")} AS forward_of FROM messages
         WHERE messages.id = (given.refers->'forwardOf'->>'id')::bigint
           AND messages.conversation = given.refers->'forwardOf'->>'conversation' LIMIT 1
      ) AS source ON true`,
  columns: ", reply_to, mentions, forward_of",
  also: `, ${noteMentions("numbered")}`,
  message: messageJson("numbered"),
});

/** The statement that stores messages, in this order; what is stored already keeps its place. */
export function storeMessages(messages: NewMessage[]): Statement {
  const values: unknown[] = [
    messages.map(({ conversation }) => conversation),
    messages.map(({ id }) => id),
    messages.map(({ senderId }) => senderId),
    messages.map(({ clientId }) => clientId),
    messages.map(({ content }) => (content === null ? null : JSON.stringify(content))),
    messages.map(({ sentAt }) => sentAt),
  ];
  if (!messages.some(refers)) return { text: STORE_PLAIN, values };
  return {
    text: STORE_REFERRING,
    values: [...values, messages.map(({ references }) => JSON.stringify(references))],
  };
}

/** A message goes to everybody in its conversation, as the row of `storeMessages` has it: stored now, or before. */
export function storedEffects(asked: NewMessage, row: Row | undefined): Effect[] {
  if (row?.message !== null) return messageEffects(row);
  // The row of a plain message that was stored just now holds only what was not known before.
  const { id, conversation, senderId, clientId, content, sentAt } = asked;
  const place = { seq: Seq.parse(row.seq), rev: Rev.parse(row.rev) };
  const message: Message = { id, conversation, ...place, senderId, clientId, content, sentAt };
  return [{ to: conversationRecipients(conversation), event: { ev: "message", message } }];
}

function refers({ references }: NewMessage): boolean {
  return Object.values(references).some((reference) => reference !== undefined);
}
