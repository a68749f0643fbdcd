import { type SQL, sql } from "drizzle-orm";
import type { Database } from "../../lib/database.ts";
import { conversationTopic } from "../../lib/topic.ts";
import { hiddenMessages } from "../../schema/tables/hidden-messages.ts";
import { messages } from "../../schema/tables/messages.ts";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import type { MessageId, UserId } from "../../schema/wire/ids.ts";
import type { ProblemCode } from "../../schema/wire/problem.ts";

/** A message that is hidden already stays so, and no event says so again. */
const HIDE = `
  WITH own AS (
    SELECT conversation, user_id FROM members WHERE conversation = $1::text AND user_id = $2::bigint
  ), target AS (
    SELECT found.id, found.conversation, found.seq, own.user_id, conversations.rev
      FROM own
     CROSS JOIN LATERAL (
       -- By its id alone: a planner that sees the conversation here may read all messages of it.
       SELECT id, conversation, seq FROM messages WHERE messages.id = $3::bigint LIMIT 1
     ) AS found
      JOIN conversations ON conversations.id = own.conversation
     WHERE found.conversation = own.conversation
  ), hidden AS (
    INSERT INTO hidden_messages (message_id, user_id, conversation, seq, rev)
    SELECT id, user_id, conversation, seq, rev FROM target
    ON CONFLICT DO NOTHING
    RETURNING message_id, user_id, conversation
  ), noted AS (
    INSERT INTO pending_facts (topic, fact)
    SELECT $4::text, jsonb_build_object('kind', 'hidden', 'userId', user_id::text, 'conversation', conversation,
                                        'messageId', message_id::text)
      FROM hidden
  )
  SELECT EXISTS (SELECT 1 FROM own) AS member, EXISTS (SELECT 1 FROM target) AS found`;

/** Hides a message from one person, in one statement, with the fact of it. Returns what is wrong, or null. */
export async function hideMessage(
  database: Database,
  userId: UserId,
  conversation: ConversationId,
  messageId: MessageId,
): Promise<ProblemCode | null> {
  const [row] = await database.$client.query(HIDE, [
    conversation,
    userId,
    messageId,
    conversationTopic(conversation),
  ]);
  if (row?.member !== true) return "conversation_not_found";
  return row.found === true ? null : "message_not_found";
}

/** The condition that a person has not hidden a row of `messages`. */
export function isShownTo(userId: UserId): SQL {
  return sql`NOT EXISTS (
    SELECT 1 FROM ${hiddenMessages}
     WHERE ${hiddenMessages.messageId} = ${messages.id} AND ${hiddenMessages.userId} = ${userId}
  )`;
}
