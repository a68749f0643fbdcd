import { z } from "zod";
import type { Database } from "../lib/database.ts";
import type { Submission } from "../lib/rpc/logic.ts";
import { messageJson } from "../lib/views/message.ts";
import { type MessageId, UserId } from "../schema/wire/ids.ts";
import { Message } from "../schema/wire/message.ts";
import type { Operation } from "../schema/wire/operation.ts";
import {
  conversationRecipients,
  type Effect,
  type LoggedOperation,
  type Row,
  type Statement,
} from "./kind.ts";

/** An operation that changes a message that exists. */
type MessageChange = Extract<Operation, { messageId: MessageId }>;

/** What is asked about a message before it may be changed. */
export type MessageFacts = {
  senderId: UserId;
  sentAt: Date;
  /** the type of its content; null once it is recalled */
  type: string | null;
  /** the different emoji of its reactions */
  emoji: string[];
  isPinned: boolean;
  /** whether who asks is an owner or admin of its group */
  isStaff: boolean;
};

/** Whether a message is one that a person wrote, and not recalled. */
export function isLive({ type }: MessageFacts): boolean {
  return type !== null && type !== "notice";
}

const ContentType = z.string().nullable();
const EmojiList = z
  .array(z.string())
  .nullable()
  .transform((emoji) => emoji ?? []);

/** The messages that some operations change, in one statement; a message of another conversation is not found. */
export async function loadMessages(
  database: Database,
  batch: Submission<MessageChange>[],
): Promise<Map<Submission<MessageChange>, MessageFacts>> {
  const rows = await database.$client.query(
    `SELECT asked.place - 1 AS place, found.sender_id::text, found.sent_at,
            found.content->>'type' AS type, found.pinned_at IS NOT NULL AS is_pinned,
            jsonb_path_query_array(found.reactions, '$[*].emoji') AS emoji, ${isStaff("asked.user_id")} AS is_staff
       FROM unnest($1::bigint[], $2::text[], $3::bigint[]) WITH ORDINALITY AS asked (id, conversation, user_id, place)
      CROSS JOIN LATERAL (
        SELECT * FROM messages WHERE messages.id = asked.id AND messages.conversation = asked.conversation LIMIT 1
      ) AS found`,
    [
      batch.map(({ frame }) => frame.messageId),
      batch.map(({ frame }) => frame.conversation),
      batch.map(({ userId }) => userId),
    ],
  );
  const found = new Map<Submission<MessageChange>, MessageFacts>();
  for (const row of rows) {
    const submission = batch[Number(row.place)];
    if (submission === undefined) continue;
    found.set(submission, {
      senderId: UserId.parse(row.sender_id),
      sentAt: new Date(String(row.sent_at)),
      type: ContentType.parse(row.type),
      emoji: EmojiList.parse(row.emoji),
      isPinned: row.is_pinned === true,
      isStaff: row.is_staff === true,
    });
  }
  return found;
}

/** SQL: whether a person is an owner or admin of the group of `asked.conversation`. */
export function isStaff(userId: string): string {
  return `EXISTS (
    SELECT 1 FROM members WHERE members.conversation = asked.conversation
       AND members.user_id = ${userId} AND members.role <> 'member'
  )`;
}

/**
 * What a change does, in SQL: `set` are its assignments and `where` its condition, both over `messages`, `asked.sender_id`,
 * `asked.value` (JSON, as `value` gives it, if at all) and `asked.accepted_at`; `also` are further common table expressions
 * over `changed`, the messages after the change.
 */
type Change<Op> = { set: string; where: string; value?: (operation: Op) => unknown; also?: string };

/**
 * The statement that changes the messages of a run, once each. A message that is changed takes the conversation's next rev.
 * An operation that was applied before changes nothing; its row is the message as it is. The row of one whose condition does
 * not hold has no message: there is nothing to tell.
 */
export function changeMessages<Op extends MessageChange>(
  run: LoggedOperation<Op>[],
  { set, where, value, also = "" }: Change<Op>,
): Statement {
  const text = `
    WITH asked AS (
      SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::jsonb[], $6::timestamptz[])
        WITH ORDINALITY AS asked (conversation, message_id, sender_id, client_id, value, accepted_at, place)
    ), fresh AS (
      INSERT INTO applied_operations (sender_id, client_id) SELECT sender_id, client_id FROM asked
      ON CONFLICT DO NOTHING RETURNING sender_id, client_id
    ), target AS (
      SELECT asked.* FROM asked
        JOIN fresh ON fresh.sender_id = asked.sender_id AND fresh.client_id = asked.client_id
       CROSS JOIN LATERAL (
         SELECT 1 FROM messages
          WHERE messages.id = asked.message_id AND messages.conversation = asked.conversation AND (${where}) LIMIT 1
       ) AS found
    ), numbered AS (
      SELECT target.*, (counters.rev + row_number() OVER (PARTITION BY target.conversation ORDER BY place))::int AS next_rev
        FROM target CROSS JOIN LATERAL (
          SELECT rev FROM conversations WHERE conversations.id = target.conversation LIMIT 1
        ) AS counters
    ), changed AS (
      UPDATE messages SET ${set}, rev = asked.next_rev
        FROM numbered AS asked WHERE messages.id = asked.message_id
      RETURNING asked.place, messages.*
    ), counted AS (
      UPDATE conversations SET rev = newest.rev
        FROM (SELECT conversation, max(next_rev) AS rev FROM numbered GROUP BY conversation) AS newest
       WHERE conversations.id = newest.conversation
    )${also && `, ${also}`}
    SELECT place - 1 AS place, ${messageJson("changed")} AS message FROM changed
    UNION ALL
    SELECT asked.place - 1, CASE WHEN fresh.client_id IS NULL THEN ${messageJson("found")} END
      FROM asked LEFT JOIN fresh ON fresh.sender_id = asked.sender_id AND fresh.client_id = asked.client_id
     CROSS JOIN LATERAL (
      SELECT * FROM messages
       WHERE messages.id = asked.message_id AND messages.conversation = asked.conversation LIMIT 1
    ) AS found WHERE NOT EXISTS (SELECT 1 FROM changed WHERE changed.place = asked.place)`;
  return {
    text,
    values: [
      run.map(({ operation }) => operation.conversation),
      run.map(({ operation }) => operation.messageId),
      run.map(({ senderId }) => senderId),
      run.map(({ operation }) => operation.clientId),
      run.map(({ operation }) => JSON.stringify(value?.(operation) ?? null)),
      run.map(({ acceptedAt }) => acceptedAt),
    ],
  };
}

/** The message of a row goes to everybody in its conversation; a row without one has nothing to tell, or leaves it to another row. */
export function messageEffects(row: Row | undefined): Effect[] {
  if (row === undefined || row.message === null) return [];
  const message = Message.parse(row.message);
  return [{ to: conversationRecipients(message.conversation), event: { ev: "message", message } }];
}
