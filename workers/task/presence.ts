import { redisKeys } from "../../lib/redis-keys.ts";
import { ConversationId, conversationParts, groupConversation } from "../../schema/wire/conversation-id.ts";
import { type GroupId, UserId } from "../../schema/wire/ids.ts";
import type { Task } from "./context.ts";
import type { Membership, StatusChanges } from "./status-changes.ts";

/**
 * A person who came online or went offline, and the friends who hear of it. Those in `untold` do not hear when: the
 * person or they let nobody see when they were last seen.
 */
export type Transition = {
  userId: UserId;
  online: boolean;
  at: string;
  friends: UserId[];
  untold: ReadonlySet<UserId>;
};

/** What a batch of status has changed. */
export type Presence = {
  transitions: Transition[];
  /** The groups whose set of people online is another than before. */
  altered: Set<GroupId>;
};

/** The friends and groups of those who came or went, and which of the memberships to look at exist. */
type Relations = {
  friends: Map<UserId, UserId[]>;
  untold: Map<UserId, Set<UserId>>;
  groups: Map<UserId, GroupId[]>;
  members: Set<string>;
};

/**
 * Compares each person's routes with what Redis holds of their presence, brings the presence and the groups' sets of
 * people online up to date, and returns what has changed. The same few round trips for any batch, and two fewer when
 * nobody came, went, joined or left.
 */
export async function lookAtPresence(task: Task, changes: StatusChanges): Promise<Presence> {
  const { moved, online } = await compareWithRoutes(task, changes);
  const relations = await relationsOf(task, moved, changes.memberships);
  const altered = await keepOnlineSets(task, changes, moved, online, relations);
  const transitions = moved.map(({ userId, online: isOnline, at }) => ({
    userId,
    online: isOnline,
    at,
    friends: relations.friends.get(userId) ?? [],
    untold: relations.untold.get(userId) ?? new Set(),
  }));
  return { transitions, altered };
}

type Moved = { userId: UserId; online: boolean; at: string };

async function compareWithRoutes(
  task: Task,
  changes: StatusChanges,
): Promise<{ moved: Moved[]; online: Set<UserId> }> {
  const userIds = [
    ...new Set([...changes.presence.keys(), ...changes.memberships.map(({ userId }) => userId)]),
  ];
  if (userIds.length === 0) return { moved: [], online: new Set() };
  const pipeline = task.redis.pipeline();
  pipeline.mget(...userIds.map(redisKeys.presence));
  for (const userId of userIds) pipeline.scard(redisKeys.userRoutes(userId));
  const [known, ...routes] = await pipeline.exec<[(string | null)[], ...number[]]>();
  const online = new Set(userIds.filter((_, index) => Number(routes[index]) > 0));
  const wereOnline = new Set(userIds.filter((_, index) => known[index] !== null));
  const moved = [...changes.presence].flatMap(([userId, at]) => {
    const wasOnline = wereOnline.has(userId);
    return wasOnline === online.has(userId) ? [] : [{ userId, online: online.has(userId), at }];
  });
  return { moved, online };
}

/**
 * Friends and groups of those who moved, who is in the groups that somebody joined or left, and when those who went were
 * last seen: one transaction in one round trip.
 */
async function relationsOf(task: Task, moved: Moved[], memberships: Membership[]): Promise<Relations> {
  const relations: Relations = {
    friends: new Map(),
    untold: new Map(),
    groups: new Map(),
    members: new Set(),
  };
  if (moved.length === 0 && memberships.length === 0) return relations;
  const gone = moved.filter(({ online }) => !online);
  const sql = task.database.$client;
  const goneIds = gone.map(({ userId }) => userId);
  const [, rows = []] = await sql.transaction([
    sql.query("SELECT lock_users($1::bigint[])", [goneIds]),
    sql.query(
      `WITH seen AS (
       UPDATE users SET last_seen_at = gone.at
         FROM unnest($2::bigint[], $3::timestamptz[]) AS gone (user_id, at)
        WHERE users.id = gone.user_id AND users.deleted_at IS NULL
     )
     SELECT user_id, friend_id, NULL AS conversation, false AS asked,
            user_id = ANY($2::bigint[]) AND EXISTS (
              SELECT 1 FROM users WHERE users.id IN (user_id, friend_id) AND users.last_seen = 'nobody'
            ) AS untold
       FROM friendships WHERE user_id = ANY($1::bigint[])
     UNION ALL
     SELECT user_id, NULL, conversation, false, false FROM members
      WHERE user_id = ANY($1::bigint[]) AND conversation LIKE 'group:%'
     UNION ALL
     SELECT members.user_id, NULL, members.conversation, true, false FROM members
       JOIN unnest($4::text[], $5::bigint[]) AS asked (conversation, user_id)
         ON members.conversation = asked.conversation AND members.user_id = asked.user_id`,
      [
        moved.map(({ userId }) => userId),
        goneIds,
        gone.map(({ at }) => at),
        memberships.map(({ groupId }) => groupConversation(groupId)),
        memberships.map(({ userId }) => userId),
      ],
    ),
  ]);
  for (const row of rows) {
    const userId = UserId.parse(row.user_id);
    if (row.friend_id !== null) {
      const friendId = UserId.parse(row.friend_id);
      add(relations.friends, userId, friendId);
      if (row.untold === true) {
        relations.untold.set(userId, (relations.untold.get(userId) ?? new Set()).add(friendId));
      }
    } else {
      const parts = conversationParts(ConversationId.parse(row.conversation));
      if (parts.kind !== "group") continue;
      if (row.asked === true) relations.members.add(memberKey({ groupId: parts.groupId, userId }));
      else add(relations.groups, userId, parts.groupId);
    }
  }
  return relations;
}

/** Brings Redis up to date and returns the groups whose set of people has changed. */
async function keepOnlineSets(
  task: Task,
  changes: StatusChanges,
  moved: Moved[],
  online: Set<UserId>,
  relations: Relations,
): Promise<Set<GroupId>> {
  const pipeline = task.redis.pipeline();
  for (const { userId, online: isOnline, at } of moved) {
    if (isOnline) pipeline.set(redisKeys.presence(userId), at);
    else pipeline.del(redisKeys.presence(userId));
  }
  const keptPresence = pipeline.length();

  const touched: GroupId[] = [];
  const keep = (groupId: GroupId, userId: UserId, isIn: boolean) => {
    if (isIn) pipeline.sadd(redisKeys.groupOnline(groupId), userId);
    else pipeline.srem(redisKeys.groupOnline(groupId), userId);
    touched.push(groupId);
  };
  for (const { userId, online: isOnline } of moved) {
    for (const groupId of relations.groups.get(userId) ?? []) keep(groupId, userId, isOnline);
  }
  for (const membership of changes.memberships) {
    const { groupId, userId } = membership;
    keep(groupId, userId, relations.members.has(memberKey(membership)) && online.has(userId));
  }
  if (pipeline.length() === 0) return new Set();

  const replies = await pipeline.exec<number[]>();
  return new Set(touched.filter((_, index) => Number(replies[keptPresence + index]) > 0));
}

function memberKey({ groupId, userId }: Pick<Membership, "groupId" | "userId">): string {
  return `${groupId} ${userId}`;
}

function add<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}
