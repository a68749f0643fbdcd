import { RpcTarget } from "cloudflare:workers";
import { type SQL, sql } from "drizzle-orm";
import { markSessionEnded } from "../../lib/ended-session.ts";
import type { AccountsRpc } from "../../lib/rpc/logic.ts";
import { groupTopic, userTopic } from "../../lib/topic.ts";
import type { Writer } from "../../lib/write-permission.ts";
import {
  type ConversationId,
  conversationParts,
  directConversation,
} from "../../schema/wire/conversation-id.ts";
import type { SessionId, UserId } from "../../schema/wire/ids.ts";
import type { Logic } from "./context.ts";
import { publishChange } from "./facts.ts";

/** What an account had with others, and who got each group that it owned. */
type Left = { friends: UserId[]; conversations: ConversationId[]; heirs: Writer[] };

/** Accounts. Those who make and change them are in the API; the end of one concerns others. */
export class Accounts extends RpcTarget implements AccountsRpc {
  readonly #logic: Logic;

  constructor(logic: Logic) {
    super();
    this.#logic = logic;
  }

  /**
   * Deletes an account: its sessions end, and all that is about the person goes. What they wrote stays, under a user
   * without a name.
   */
  async remove(userId: UserId): Promise<void> {
    const { database, redis } = this.#logic;
    const [, , , heirs, left, friends, , , , , sessions] = await database.batch([
      // First, so that changes of friendships, blocks and requests wait for it, and find nobody afterwards.
      database.execute(bury(userId)),
      database.execute(lockMemberships(userId)),
      database.execute(lockHeirs(userId)),
      database.execute<{ conversation: ConversationId; user_id: UserId }>(handOver(userId)),
      database.execute<{ conversation: ConversationId }>(leaveAll(userId)),
      database.execute<{ friend_id: UserId }>(sql`
        WITH ended AS (
          DELETE FROM friendships WHERE (user_id, friend_id) IN (
            SELECT user_id, friend_id FROM friendships WHERE user_id = ${userId}
            UNION ALL SELECT friend_id, user_id FROM friendships WHERE user_id = ${userId}
          )
          RETURNING user_id, friend_id
        )
        SELECT friend_id::text FROM ended WHERE user_id = ${userId}`),
      database.execute(sql`DELETE FROM friend_requests WHERE from_id = ${userId} OR to_id = ${userId}`),
      database.execute(sql`DELETE FROM join_requests WHERE user_id = ${userId}`),
      database.execute(sql`DELETE FROM former_members WHERE user_id = ${userId}`),
      database.execute(sql`DELETE FROM blocks WHERE user_id = ${userId} OR blocked_id = ${userId}`),
      database.execute<{ id: SessionId }>(sql`
        UPDATE sessions SET ended_at = coalesce(ended_at, now()), device = '' WHERE user_id = ${userId}
        RETURNING id`),
    ]);
    const pipeline = redis.pipeline();
    for (const { id } of sessions.rows) markSessionEnded(pipeline, id);
    if (pipeline.length() > 0) await pipeline.exec();
    await this.#publish(userId, {
      friends: friends.rows.map((row) => row.friend_id),
      conversations: left.rows.map((row) => row.conversation),
      heirs: heirs.rows.map((row) => ({ conversation: row.conversation, userId: row.user_id })),
    });
  }

  async #publish(userId: UserId, { friends, conversations, heirs }: Left): Promise<void> {
    const groupIds = conversations.flatMap((conversation) => {
      const parts = conversationParts(conversation);
      return parts.kind === "group" ? [parts.groupId] : [];
    });
    await publishChange(
      this.#logic,
      [userTopic(userId), ...friends.map(userTopic), ...groupIds.map(groupTopic)],
      [
        ...conversations.map((conversation) => ({ conversation, userId, may: false })),
        ...friends.map((friend) => ({
          conversation: directConversation(userId, friend),
          userId: friend,
          may: false,
        })),
        ...heirs.map((heir) => ({ ...heir, standing: { role: "owner", mutedUntil: null } as const })),
      ],
    );
  }
}

/**
 * Turns a person into a user without names. The user name is one that cannot be registered when it is compared, so the
 * person's own is free again, and nobody can take this one before.
 */
function bury(userId: UserId): SQL {
  return sql`
    UPDATE users
       SET username = 'deleted-' || id, username_folded = 'deleted:' || id, display_name = '', search_text = '',
           search_grams = '{}', avatar_url = NULL, about = '', password_hash = NULL, last_seen_at = NULL,
           last_seen = 'nobody', deleted_at = now()
     WHERE id = ${userId} AND deleted_at IS NULL`;
}

/** Locks the person's groups by their conversations: their memberships change one by one. */
function lockMemberships(userId: UserId): SQL {
  return sql`
    SELECT lock_conversations(
      ARRAY(SELECT conversation FROM members WHERE user_id = ${userId} AND conversation LIKE 'group:%'),
      NULL::bigint[]
    )`;
}

/** Who gets each group that the person owns: the longest-standing admin, else member. */
function heirs(userId: UserId): SQL {
  return sql`
    SELECT heir.conversation, heir.user_id
      FROM members AS own
     CROSS JOIN LATERAL (
       SELECT members.conversation, members.user_id FROM members
        WHERE members.conversation = own.conversation AND members.user_id <> own.user_id
        ORDER BY (role = 'admin') DESC, joined_at, user_id LIMIT 1
     ) AS heir
     WHERE own.user_id = ${userId} AND own.role = 'owner'`;
}

/** Locks every membership that is about to change, in the one order of row locks. */
function lockHeirs(userId: UserId): SQL {
  return sql`
    SELECT lock_members(array_agg(conversation), array_agg(user_id)) FROM (
      SELECT conversation, user_id FROM members WHERE user_id = ${userId}
      UNION ALL
      SELECT conversation, user_id FROM (${heirs(userId)}) AS heirs
    ) AS changing`;
}

/** Makes the heirs owners, and returns them. Nobody could end the mute of an owner, so that it ends now. */
function handOver(userId: UserId): SQL {
  return sql`
    UPDATE members SET role = 'owner', muted_until = NULL FROM (${heirs(userId)}) AS heirs
     WHERE members.conversation = heirs.conversation AND members.user_id = heirs.user_id
    RETURNING members.conversation, members.user_id::text`;
}

/**
 * Ends all memberships, those of direct conversations too, and with them what the person has set for their conversations.
 * A group without a member goes, with its history; the others' histories say that the person has left. Returns the
 * conversations.
 */
function leaveAll(userId: UserId): SQL {
  const sentAt = new Date().toISOString();
  return sql`
    WITH gone AS (
      DELETE FROM members WHERE user_id = ${userId} RETURNING conversation
    ), quit AS (
      SELECT substr(conversation, 7)::bigint AS group_id FROM gone WHERE conversation LIKE 'group:%'
    ), emptied AS (
      DELETE FROM groups USING quit WHERE groups.id = quit.group_id AND groups.member_count = 1 RETURNING groups.id
    ), forgotten AS (
      DELETE FROM conversations USING emptied WHERE conversations.id = 'group:' || emptied.id
      RETURNING conversations.id
    ), noted AS (
      INSERT INTO deleted_conversations (conversation) SELECT id FROM forgotten
    ), counted AS (
      UPDATE groups SET member_count = member_count - 1 FROM quit
       WHERE groups.id = quit.group_id AND groups.member_count > 1
      RETURNING groups.id
    ), noted_leaves AS (
      INSERT INTO pending_facts (topic, fact)
      SELECT 'group.' || id, jsonb_build_object('kind', 'notice', 'conversation', 'group:' || id, 'senderId', ${userId}::text,
               'clientId', gen_random_uuid(), 'sentAt', ${sentAt}::text,
               'notice', jsonb_build_object('kind', 'left', 'userId', ${userId}::text))
        FROM counted
    )
    SELECT conversation FROM gone`;
}
