import { and, eq, ne, type SQL, sql } from "drizzle-orm";
import { groupName } from "../../lib/names.ts";
import { onlineAmong, onlineCounts } from "../../lib/presence.ts";
import type { Redis } from "../../lib/redis.ts";
import { accept, type Outcome, refuse } from "../../lib/rpc/outcome.ts";
import { toGroup } from "../../lib/views/group.ts";
import { members } from "../../schema/tables/conversations.ts";
import { groups } from "../../schema/tables/groups.ts";
import { type ConversationId, groupConversation } from "../../schema/wire/conversation-id.ts";
import type { Group, NewGroup } from "../../schema/wire/group.ts";
import { GroupId, type UserId } from "../../schema/wire/ids.ts";
import { append, type Operation } from "./append.ts";
import type { Logic } from "./context.ts";
import { groupUpdated, memberJoined, memberLeft } from "./group-notices.ts";
import { writeVerdicts } from "./may-write.ts";

/** Makes a group of its owner and some of the owner's friends, with its conversation. */
export async function createGroup(
  logic: Logic,
  ownerId: UserId,
  { name, memberIds = [], joinPolicy }: NewGroup,
): Promise<Outcome<Group>> {
  const { database, redis, snowflakes } = logic;
  const id = GroupId.parse(String((await snowflakes.generator(redis)).next()));
  const conversation = groupConversation(id);
  const { nameFolded, searchGrams } = groupName(name);
  const friendIds = [...new Set(memberIds)].filter((userId) => userId !== ownerId);
  const created = await database.execute(sql`
    WITH asked AS (
      SELECT unnest(${sql.param(friendIds)}::bigint[]) AS user_id
    ), created AS (
      INSERT INTO groups (id, name, name_folded, search_grams, join_policy, member_count)
      SELECT ${id}::bigint, ${name}, ${nameFolded}, ${sql.param(searchGrams)}::text[], ${joinPolicy},
             ${friendIds.length + 1}
       WHERE NOT EXISTS (
         SELECT 1 FROM asked WHERE NOT EXISTS (
           SELECT 1 FROM friendships WHERE user_id = ${ownerId} AND friend_id = asked.user_id
         )
       )
      RETURNING id
    ), opened AS (
      INSERT INTO conversations (id) SELECT ${conversation} FROM created
    ), entered AS (
      INSERT INTO members (conversation, user_id, role)
      SELECT ${conversation}, ${ownerId}::bigint, 'owner' FROM created
      UNION ALL
      SELECT ${conversation}, asked.user_id, 'member' FROM created, asked
    )
    SELECT id FROM created`);
  if (created.rows.length === 0) return refuse("not_friends", "Only friends can be made members");

  const memberCount = friendIds.length + 1;
  const onlineCount = (await onlineAmong(redis, [ownerId, ...friendIds])).size;
  const group = { id, name, avatarUrl: null, joinPolicy, memberCount, onlineCount, conversation };
  await writeVerdicts(
    redis,
    [ownerId, ...friendIds].map((userId) => ({ conversation, userId, may: true })),
  );
  await append(logic, [
    memberJoined({ ...group, role: "owner" }, ownerId),
    ...friendIds.map((userId) => memberJoined({ ...group, role: "member" }, userId)),
  ]);
  return accept({ ...group, role: "owner" });
}

/** Takes somebody into an open group. Who is in it already stays as they are. */
export async function joinGroup(logic: Logic, userId: UserId, groupId: GroupId): Promise<Outcome<Group>> {
  const { database, redis } = logic;
  const conversation = groupConversation(groupId);
  const [, joined, [row], staff, [member]] = await database.batch([
    lockGroup(logic, groupId),
    database.execute(sql`
      WITH entered AS (
        INSERT INTO members (conversation, user_id, role)
        SELECT ${conversation}, ${userId}::bigint, 'member' FROM groups
         WHERE id = ${groupId} AND join_policy = 'open'
        ON CONFLICT DO NOTHING
        RETURNING conversation
      )
      UPDATE groups SET member_count = member_count + 1 FROM entered WHERE groups.id = ${groupId}
      RETURNING groups.id`),
    selectGroup(logic, groupId),
    selectStaff(logic, conversation),
    database
      .select({ role: members.role })
      .from(members)
      .where(and(eq(members.conversation, conversation), eq(members.userId, userId))),
  ]);
  if (row === undefined) return refuse("group_not_found");
  if (member === undefined) {
    return row.joinPolicy === "invite"
      ? refuse("group_not_found")
      : refuse("not_allowed", "Joining is not open");
  }

  const onlineCount = await onlineCountWith(redis, groupId, userId, joined.rows.length);
  const group = toGroup(row, member.role, onlineCount);
  await writeVerdicts(redis, [{ conversation, userId, may: true }]);
  // Somebody who asks again may do so because the notice of their joining was lost: it is given again, to them alone.
  const notices = [memberJoined(group, userId)];
  if (joined.rows.length > 0) notices.push(...groupUpdated(toGroup(row, null, onlineCount), staff));
  await append(logic, notices);
  return accept(group);
}

/**
 * Takes somebody out of a group. An owner hands it to the longest-standing admin, else member; with the last one the
 * group goes.
 */
export async function leaveGroup(logic: Logic, userId: UserId, groupId: GroupId): Promise<Outcome<null>> {
  const { database, redis } = logic;
  const conversation = groupConversation(groupId);
  const [[found], left, , , [row], staff] = await database.batch([
    lockGroup(logic, groupId),
    database.execute(sql`
      WITH gone AS (
        DELETE FROM members WHERE conversation = ${conversation} AND user_id = ${userId} RETURNING conversation
      )
      UPDATE groups SET member_count = member_count - 1 FROM gone WHERE groups.id = ${groupId}
      RETURNING groups.id`),
    database.execute(handOver(conversation)),
    database.execute(sql`DELETE FROM groups WHERE id = ${groupId} AND member_count = 0`),
    selectGroup(logic, groupId),
    selectStaff(logic, conversation),
  ]);
  if (found === undefined) return refuse("group_not_found");
  if (left.rows.length === 0) return refuse("member_not_found");

  await writeVerdicts(redis, [{ conversation, userId, may: false }]);
  const notices: Operation[] = [memberLeft(groupId, userId)];
  if (row !== undefined) {
    const onlineCount = await onlineCountWith(redis, groupId, userId, -1);
    notices.push(...groupUpdated(toGroup(row, null, onlineCount), staff));
  }
  await append(logic, notices);
  return accept(null);
}

/**
 * How many of a group are online once somebody has joined (1) or left (-1): the set of who is there follows a moment
 * later, through the status list.
 */
async function onlineCountWith(
  redis: Redis,
  groupId: GroupId,
  userId: UserId,
  change: number,
): Promise<number> {
  const [counts, online] = await Promise.all([onlineCounts(redis, [groupId]), onlineAmong(redis, [userId])]);
  return Math.max(0, (counts.get(groupId) ?? 0) + (online.has(userId) ? change : 0));
}

/** Locks a group's row: whatever changes its membership happens one after the other. */
function lockGroup(logic: Logic, groupId: GroupId) {
  return logic.database.select({ id: groups.id }).from(groups).where(eq(groups.id, groupId)).for("update");
}

/** Gives a group without an owner to the longest-standing admin, else member. */
function handOver(conversation: ConversationId): SQL {
  return sql`
    UPDATE members SET role = 'owner'
     WHERE conversation = ${conversation}
       AND user_id = (
         SELECT user_id FROM members WHERE conversation = ${conversation}
          ORDER BY (role = 'admin') DESC, joined_at, user_id LIMIT 1
       )
       AND NOT EXISTS (SELECT 1 FROM members WHERE conversation = ${conversation} AND role = 'owner')`;
}

function selectGroup(logic: Logic, groupId: GroupId) {
  return logic.database.select().from(groups).where(eq(groups.id, groupId));
}

function selectStaff(logic: Logic, conversation: ConversationId) {
  return logic.database
    .select({ userId: members.userId, role: members.role })
    .from(members)
    .where(and(eq(members.conversation, conversation), ne(members.role, "member")));
}
