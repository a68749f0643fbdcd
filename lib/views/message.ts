import type { messages } from "../../schema/tables/messages.ts";
import type { Message } from "../../schema/wire/message.ts";

type MessageRow = typeof messages.$inferSelect;

/** A stored message as clients get it; `editedAt` is left out when the message was never edited. */
export function toMessage({ sentAt, editedAt, ...row }: MessageRow): Message {
  const message = { ...row, sentAt: sentAt.toISOString() };
  return editedAt === null ? message : { ...message, editedAt: editedAt.toISOString() };
}

/** A row of `messages` as one JSON column of a hand-written statement, to be parsed as a `Message`; `alias` names the row. */
export function messageJson(alias: string): string {
  return `jsonb_build_object(
    'id', ${alias}.id::text, 'conversation', ${alias}.conversation, 'seq', ${alias}.seq, 'rev', ${alias}.rev,
    'senderId', ${alias}.sender_id::text, 'clientId', ${alias}.client_id, 'content', ${alias}.content,
    'sentAt', ${timestampText(`${alias}.sent_at`)}
  ) || jsonb_strip_nulls(jsonb_build_object('editedAt', ${timestampText(`${alias}.edited_at`)}))`;
}

/** SQL that formats a `timestamptz` column for clients. */
function timestampText(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}
