import type { Database } from "../lib/database.ts";
import type { Submission } from "../lib/rpc/logic.ts";
import { type Refusal, refuse } from "../lib/rpc/outcome.ts";
import { timestampText } from "../lib/views/message.ts";
import type { Send } from "../schema/wire/operation.ts";
import { isStaff } from "./message-change.ts";

/** What a new message refers to. */
export type References = Pick<Send, "replyTo" | "mentions" | "forwardOf">;

/** SQL: who wrote a message first, and when: of a forwarded one, that of its origin. */
export function originOf(message: string): string {
  return `coalesce(${message}.forward_of, jsonb_build_object(
    'senderId', ${message}.sender_id::text, 'sentAt', ${timestampText(`${message}.sent_at`)}))`;
}

/**
 * Judges what some new messages refer to, in one statement, and in none when there is nothing to look up: a reply's original
 * is in the same conversation, the sender of a forwarded message can see it, and only an owner or admin names all.
 */
export async function judgeReferences(
  database: Database,
  batch: Submission<Send>[],
): Promise<(Refusal | null)[]> {
  const asked = batch.filter(
    ({ frame }) => frame.replyTo !== undefined || frame.forwardOf !== undefined || frame.mentions === "all",
  );
  if (asked.length === 0) return batch.map(() => null);
  const rows = await database.$client.query(
    `SELECT original.found IS NOT NULL AS has_original, source.type AS source_type, ${isStaff("asked.user_id")} AS is_staff
       FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::bigint[])
            WITH ORDINALITY AS asked (user_id, conversation, reply_to, source, source_id, place)
       LEFT JOIN LATERAL (
         SELECT true AS found FROM messages
          WHERE messages.id = asked.reply_to AND messages.conversation = asked.conversation LIMIT 1
       ) AS original ON true
       LEFT JOIN LATERAL (
         SELECT messages.content->>'type' AS type FROM messages
           JOIN members ON members.conversation = messages.conversation AND members.user_id = asked.user_id
          WHERE messages.id = asked.source_id AND messages.conversation = asked.source LIMIT 1
       ) AS source ON true
      ORDER BY asked.place`,
    [
      asked.map(({ userId }) => userId),
      asked.map(({ frame }) => frame.conversation),
      asked.map(({ frame }) => frame.replyTo ?? null),
      asked.map(({ frame }) => frame.forwardOf?.conversation ?? null),
      asked.map(({ frame }) => frame.forwardOf?.id ?? null),
    ],
  );
  const refusals = new Map(asked.map((one, index) => [one, refusalOf(one, rows[index] ?? {})]));
  return batch.map((submission) => refusals.get(submission) ?? null);
}

function refusalOf({ frame }: Submission<Send>, row: Record<string, unknown>): Refusal | null {
  if (frame.replyTo !== undefined && row.has_original !== true)
    return refuse("message_not_found", "There is no such message to reply to");
  if (frame.mentions === "all" && row.is_staff !== true)
    return refuse("not_allowed", "Only a group's owner or admins may name all");
  if (frame.forwardOf === undefined) return null;
  if (typeof row.source_type !== "string")
    return refuse("message_not_found", "There is no such message to forward");
  return row.source_type === "notice" ? refuse("not_allowed", "A notice cannot be forwarded") : null;
}
