import type { Database } from "../lib/database.ts";
import { refuse } from "../lib/rpc/outcome.ts";
import { messageJson } from "../lib/views/message.ts";
import { type ConversationId, conversationParts } from "../schema/wire/conversation-id.ts";
import { MAX_PINS } from "../schema/wire/message.ts";
import type { Pin } from "../schema/wire/operation.ts";
import type { OperationKind } from "./kind.ts";
import { isLive, isStaff, loadMessages, messageEffects } from "./message-change.ts";

/**
 * Pins and unpins, each once, and writes the notice of a pin behind it: no two of one conversation. A pin whose client id a
 * message of its sender has is that operation again. `notice` is what was written, now or when the pin was applied before.
 */
const APPLY_PINS = `
  WITH asked AS (
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::boolean[], $6::timestamptz[], $7::bigint[])
      WITH ORDINALITY AS asked (conversation, message_id, sender_id, client_id, is_on, accepted_at, notice_id, place)
  ), fresh AS (
    INSERT INTO applied_operations (sender_id, client_id) SELECT sender_id, client_id FROM asked
    ON CONFLICT DO NOTHING RETURNING sender_id, client_id
  ), known AS (
    SELECT asked.place, found.* FROM asked CROSS JOIN LATERAL (
      SELECT * FROM messages
       WHERE messages.sender_id = asked.sender_id AND messages.client_id = asked.client_id LIMIT 1
    ) AS found
  ), target AS (
    SELECT asked.*, counters.last_seq, counters.rev, counters.notices FROM asked
      JOIN fresh ON fresh.sender_id = asked.sender_id AND fresh.client_id = asked.client_id
     CROSS JOIN LATERAL (
       SELECT 1 FROM messages
        WHERE messages.id = asked.message_id AND messages.conversation = asked.conversation
          AND messages.content->>'type' <> 'notice' AND asked.is_on = (messages.pinned_at IS NULL) LIMIT 1
     ) AS found
     CROSS JOIN LATERAL (
       SELECT * FROM conversations WHERE conversations.id = asked.conversation LIMIT 1
     ) AS counters
     WHERE NOT EXISTS (SELECT 1 FROM known WHERE known.place = asked.place)
       AND (NOT asked.is_on OR ${pinsOf("asked.conversation")} < ${MAX_PINS})
       AND (asked.conversation LIKE 'dm:%' OR ${isStaff("asked.sender_id")})
  ), changed AS (
    UPDATE messages SET pinned_at = CASE WHEN target.is_on THEN target.accepted_at END, rev = target.rev + 1
      FROM target WHERE messages.id = target.message_id
    RETURNING target.place, messages.*
  ), noticed AS (
    INSERT INTO messages (id, conversation, seq, rev, sender_id, client_id, content, notices, sent_at)
    SELECT notice_id, conversation, last_seq + 1, rev + 2, sender_id, client_id,
           jsonb_build_object('type', 'notice', 'notice', jsonb_build_object('kind', 'pinned', 'messageId', message_id::text)),
           notices + 1, accepted_at
      FROM target WHERE is_on
    RETURNING *
  ), counted AS (
    UPDATE conversations
       SET rev = target.rev + 1 + target.is_on::int, last_seq = target.last_seq + target.is_on::int,
           notices = target.notices + target.is_on::int,
           last_message_id = CASE WHEN target.is_on THEN target.notice_id ELSE conversations.last_message_id END
      FROM target WHERE conversations.id = target.conversation
  )
  SELECT asked.place - 1 AS place, ${messageJson("changed")} AS message,
         (SELECT ${messageJson("noticed")} FROM noticed WHERE noticed.id = asked.notice_id) AS notice
    FROM changed JOIN asked ON asked.place = changed.place
  UNION ALL
  SELECT asked.place - 1, CASE WHEN fresh.client_id IS NULL THEN ${messageJson("found")} END,
         (SELECT ${messageJson("known")} FROM known WHERE known.place = asked.place)
    FROM asked LEFT JOIN fresh ON fresh.sender_id = asked.sender_id AND fresh.client_id = asked.client_id
   CROSS JOIN LATERAL (
      SELECT * FROM messages WHERE messages.id = asked.message_id AND messages.conversation = asked.conversation LIMIT 1
    ) AS found WHERE NOT EXISTS (SELECT 1 FROM changed WHERE changed.place = asked.place)`;

/** Pinning a message or unpinning it: both people of a direct conversation may, and a group's owner and admins. */
export const pin: OperationKind<Pin> = {
  async authorise({ database }, batch) {
    const [messages, pins] = await Promise.all([loadMessages(database, batch), countPins(database, batch)]);
    return batch.map((submission) => {
      const { conversation, on } = submission.frame;
      const message = messages.get(submission);
      if (message === undefined) return refuse("message_not_found");
      if (conversationParts(conversation).kind === "group" && !message.isStaff)
        return refuse("not_allowed", "Only a group's owner or admins may pin");
      if (!isLive(message)) return refuse("not_allowed", "This message cannot be pinned");
      const isFull = (pins.get(conversation) ?? 0) >= MAX_PINS;
      return on && !message.isPinned && isFull ? refuse("too_many_pins") : null;
    });
  },

  // Each pin changes how many further ones fit: those of one conversation are applied one after the other.
  changes: ({ conversation }) => conversation,

  apply: (run) => ({
    text: APPLY_PINS,
    values: [
      run.map(({ operation }) => operation.conversation),
      run.map(({ operation }) => operation.messageId),
      run.map(({ senderId }) => senderId),
      run.map(({ operation }) => operation.clientId),
      run.map(({ operation }) => operation.on),
      run.map(({ acceptedAt }) => acceptedAt),
      run.map(({ id }) => id),
    ],
  }),

  push: (_, row) => [...messageEffects(row), ...messageEffects(row && { message: row.notice })],
};

/** SQL: how many pins a conversation has. */
function pinsOf(conversation: string): string {
  return `(SELECT count(*) FROM messages AS pinned
    WHERE pinned.conversation = ${conversation} AND pinned.pinned_at IS NOT NULL)`;
}

/** How many pins some conversations have, in one statement. */
async function countPins(database: Database, batch: { frame: Pin }[]): Promise<Map<ConversationId, number>> {
  const asked = [...new Set(batch.map(({ frame }) => frame.conversation))];
  const rows = await database.$client.query(
    `SELECT place - 1 AS place, ${pinsOf("asked.id")}::int AS count
       FROM unnest($1::text[]) WITH ORDINALITY AS asked (id, place)`,
    [asked],
  );
  return new Map(
    rows.flatMap(({ place, count }) => {
      const conversation = asked[Number(place)];
      return conversation === undefined ? [] : [[conversation, Number(count)]];
    }),
  );
}
