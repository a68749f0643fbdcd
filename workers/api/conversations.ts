import type { Database } from "../../lib/database.ts";
import { onlineCounts } from "../../lib/presence.ts";
import type { Redis } from "../../lib/redis.ts";
import { SNOWFLAKE_EPOCH } from "../../lib/snowflake.ts";
import {
  CONVERSATION_JOINS,
  CONVERSATION_JSON,
  ConversationView,
  toConversation,
} from "../../lib/views/conversation.ts";
import {
  type Conversation,
  type ConversationChange,
  MAX_READERS,
  Reads,
} from "../../schema/wire/conversation.ts";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import type { UserId } from "../../schema/wire/ids.ts";

type Stores = { database: Database; redis: Redis };

/** The sort key of a listed conversation: the time of its last change as a Snowflake id, and its own id. */
export type ListKey = readonly [lastChange: string, id: string];

/** A conversation in the list, with the time of its last change. */
export type Listed = { conversation: Conversation; lastChange: string };

/** The time of the last message as a Snowflake id; without a message, one of the conversation's creation. */
const LAST_CHANGE = `coalesce(
  conversations.last_message_id,
  ((extract(epoch FROM conversations.created_at) * 1000)::bigint - ${SNOWFLAKE_EPOCH}) << 22
)`;

// The page is cut before the rest of its conversations is looked up.
const LIST = `
  SELECT page.last_change::text, ${CONVERSATION_JSON} AS conversation
    FROM (
      SELECT members.conversation, members.user_id, ${LAST_CHANGE} AS last_change
        FROM members JOIN conversations ON conversations.id = members.conversation
       WHERE members.user_id = $1::bigint
         AND ($2::bigint IS NULL OR (${LAST_CHANGE}, conversations.id) < ($2::bigint, $3::text))
       ORDER BY last_change DESC, conversations.id DESC
       LIMIT $4
    ) AS page
    JOIN members ON members.conversation = page.conversation AND members.user_id = page.user_id
    ${CONVERSATION_JOINS}
   ORDER BY page.last_change DESC, conversations.id DESC`;

const ONE = `
  SELECT ${CONVERSATION_JSON} AS conversation FROM members ${CONVERSATION_JOINS}
   WHERE members.conversation = $1::text AND members.user_id = $2::bigint`;

/** A person's conversations after this key, the latest first. */
export async function listConversations(
  { database, redis }: Stores,
  userId: UserId,
  limit: number,
  [lastChange, id]: ListKey | [] = [],
): Promise<Listed[]> {
  const rows = await database.$client.query(LIST, [userId, lastChange ?? null, id ?? null, limit]);
  const conversations = await seen(
    redis,
    rows.map((row) => row.conversation),
  );
  return conversations.map((conversation, index) => ({
    conversation,
    lastChange: String(rows[index]?.last_change),
  }));
}

/** One conversation of a person; undefined when they are not in it. */
export async function findConversation(
  { database, redis }: Stores,
  userId: UserId,
  conversation: ConversationId,
): Promise<Conversation | undefined> {
  const rows = await database.$client.query(ONE, [conversation, userId]);
  const [found] = await seen(
    redis,
    rows.map((row) => row.conversation),
  );
  return found;
}

/** Sets what is set; the membership is locked, so that nobody leaves meanwhile. A trigger writes the fact. */
const CHANGE = `
  INSERT INTO conversation_settings AS settings (conversation, user_id, muted_until, pinned, archived, draft)
  SELECT conversation, user_id, ($3::jsonb->>'mutedUntil')::timestamptz, coalesce(($3::jsonb->>'pinned')::boolean, false),
         coalesce(($3::jsonb->>'archived')::boolean, false), nullif($3::jsonb->>'draft', '')
    FROM members WHERE conversation = $1::text AND user_id = $2::bigint
  ON CONFLICT (conversation, user_id) DO UPDATE SET
    muted_until = CASE WHEN $3::jsonb ? 'mutedUntil' THEN excluded.muted_until ELSE settings.muted_until END,
    pinned = CASE WHEN $3::jsonb ? 'pinned' THEN excluded.pinned ELSE settings.pinned END,
    archived = CASE WHEN $3::jsonb ? 'archived' THEN excluded.archived ELSE settings.archived END,
    draft = CASE WHEN $3::jsonb ? 'draft' THEN excluded.draft ELSE settings.draft END`;

/**
 * Changes what a person has set for a conversation, in one round trip. Returns the conversation; undefined when they are
 * not in it.
 */
export async function changeConversation(
  { database, redis }: Stores,
  userId: UserId,
  conversation: ConversationId,
  change: ConversationChange,
): Promise<Conversation | undefined> {
  const sql = database.$client;
  const [, , rows = []] = await sql.transaction([
    sql.query("SELECT lock_members(ARRAY[$1::text], ARRAY[$2::bigint])", [conversation, userId]),
    sql.query(CHANGE, [conversation, userId, JSON.stringify(change)]),
    sql.query(ONE, [conversation, userId]),
  ]);
  const [changed] = await seen(
    redis,
    rows.map((row) => row.conversation),
  );
  return changed;
}

const READS = `
  SELECT coalesce(groups.member_count, 0) AS members, (
           SELECT jsonb_agg(jsonb_build_object('userId', first.user_id::text, 'readSeq', first.read_seq) ORDER BY first.user_id)
             FROM (
               SELECT members.user_id, members.read_seq FROM members
                WHERE members.conversation = own.conversation LIMIT ${MAX_READERS + 1}
             ) AS first
         ) AS items
    FROM members AS own
    LEFT JOIN groups
      ON groups.id = CASE WHEN own.conversation LIKE 'group:%' THEN substr(own.conversation, 7)::bigint END
   WHERE own.conversation = $1::text AND own.user_id = $2::bigint`;

/** How far the members of a person's conversation have read; undefined when they are not in it. */
export async function readsOf(
  database: Database,
  userId: UserId,
  conversation: ConversationId,
): Promise<Reads | undefined> {
  const [row] = await database.$client.query(READS, [conversation, userId]);
  if (row === undefined) return undefined;
  const items = Reads.shape.items.parse(row.items);
  return items.length > MAX_READERS
    ? { count: Number(row.members), items: [] }
    : { count: items.length, items };
}

/** Conversations with how many of their groups are online: one round trip to Redis, and none without a group. */
async function seen(redis: Redis, rows: unknown[]): Promise<Conversation[]> {
  const views = rows.map((row) => ConversationView.parse(row));
  const counts = await onlineCounts(
    redis,
    views.flatMap(({ group }) => group?.id ?? []),
  );
  return views.map((view) =>
    toConversation(view, view.group === null ? 0 : (counts.get(view.group.id) ?? 0)),
  );
}
