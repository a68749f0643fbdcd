import type { messages } from "../../schema/tables/messages.ts";
import type { Message } from "../../schema/wire/message.ts";

type MessageRow = typeof messages.$inferSelect;

/** A stored message as clients get it; `editedAt` and `recalledAt` are left out when nothing of the kind happened. */
export function toMessage({ sentAt, editedAt, recalledAt, ...row }: MessageRow): Message {
  return {
    ...row,
    sentAt: sentAt.toISOString(),
    ...(editedAt !== null && { editedAt: editedAt.toISOString() }),
    ...(recalledAt !== null && { recalledAt: recalledAt.toISOString() }),
  };
}

/** A row of `messages` as one JSON column of a hand-written statement, to be parsed as a `Message`; `alias` names the row. */
export function messageJson(alias: string): string {
  return `jsonb_build_object(
    'id', ${alias}.id::text, 'conversation', ${alias}.conversation, 'seq', ${alias}.seq, 'rev', ${alias}.rev,
    'senderId', ${alias}.sender_id::text, 'clientId', ${alias}.client_id, 'content', ${alias}.content,
    'sentAt', ${timestampText(`${alias}.sent_at`)}
  ) || jsonb_strip_nulls(jsonb_build_object(
    'editedAt', ${timestampText(`${alias}.edited_at`)}, 'recalledAt', ${timestampText(`${alias}.recalled_at`)}))`;
}

/** SQL that formats a `timestamptz` column for clients. */
function timestampText(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}
