import { type SQL, sql } from "drizzle-orm";
import { EXCERPT_LENGTH, Message } from "../../schema/wire/message.ts";

/** The message of a row of `messages` as a column of Drizzle's; null where a join has found no row. */
export function messageColumn(): SQL<Message> {
  return sql
    .raw(`CASE WHEN messages.id IS NOT NULL THEN ${messageJson("messages")} END`)
    .mapWith((value: unknown) => Message.parse(value)) as SQL<Message>;
}

/**
 * A row of `messages` as clients get it: one JSON column, to be parsed as a `Message`; `alias` names the row. What has not
 * happened to a message is left out.
 */
export function messageJson(alias: string): string {
  return `jsonb_build_object(
    'id', ${alias}.id::text, 'conversation', ${alias}.conversation, 'seq', ${alias}.seq, 'rev', ${alias}.rev,
    'senderId', ${alias}.sender_id::text, 'clientId', ${alias}.client_id, 'content', ${alias}.content,
    'sentAt', ${timestampText(`${alias}.sent_at`)}
  ) || jsonb_strip_nulls(jsonb_build_object(
    'editedAt', ${timestampText(`${alias}.edited_at`)}, 'recalledAt', ${timestampText(`${alias}.recalled_at`)},
    'mentions', ${alias}.mentions, 'forwardOf', ${alias}.forward_of, 'reactions', ${alias}.reactions,
    'pinned', CASE WHEN ${alias}.pinned_at IS NOT NULL THEN true END)
  ) || CASE WHEN ${alias}.reply_to IS NULL THEN '{}'
    ELSE coalesce(${alias}.reply_left, message_reply(${alias}.reply_to, ${EXCERPT_LENGTH})) END`;
}

/** SQL: that a person has not hidden a message, by the expressions of their ids. */
export function notHidden(messageId: string, userId: string): string {
  return `NOT EXISTS (
    SELECT 1 FROM hidden_messages
     WHERE hidden_messages.message_id = ${messageId} AND hidden_messages.user_id = ${userId}
  )`;
}

/** SQL that formats a `timestamptz` column for clients. */
export function timestampText(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}
