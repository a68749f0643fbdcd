import { RpcTarget } from "cloudflare:workers";
import { and, eq, type SQL, sql } from "drizzle-orm";
import { groupName } from "../../lib/names.ts";
import { onlineAmong, onlineCounts } from "../../lib/presence.ts";
import type { GroupsRpc, GroupUpdate } from "../../lib/rpc/logic.ts";
import { accept, type Outcome, refuse } from "../../lib/rpc/outcome.ts";
import { groupTopic } from "../../lib/topic.ts";
import { toGroup } from "../../lib/views/group.ts";
import type { PermissionChange } from "../../lib/write-permission.ts";
import { members } from "../../schema/tables/conversations.ts";
import { groups } from "../../schema/tables/groups.ts";
import { type ConversationId, groupConversation } from "../../schema/wire/conversation-id.ts";
import type { Group, NewGroup } from "../../schema/wire/group.ts";
import { GroupId, type UserId } from "../../schema/wire/ids.ts";
import type { Logic } from "./context.ts";
import { publishChange } from "./facts.ts";
import { changeGroup, refuseOthersThanStaff } from "./group-change.ts";

/** Groups and who is in them. */
export class Groups extends RpcTarget implements GroupsRpc {
  readonly #logic: Logic;

  constructor(logic: Logic) {
    super();
    this.#logic = logic;
  }

  /** Makes a group of its owner and some of the owner's friends, with its conversation. */
  async create(ownerId: UserId, { name, memberIds = [], joinPolicy }: NewGroup): Promise<Outcome<Group>> {
    const { database, redis, snowflakes } = this.#logic;
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

    const userIds = [ownerId, ...friendIds];
    const [online] = await Promise.all([
      onlineAmong(redis, userIds),
      this.#publish(
        id,
        // The caller of a group that did not exist may have been refused just before.
        [
          { conversation, posting: "all" },
          { conversation, userId: ownerId, standing: { role: "owner", mutedUntil: null } },
          ...friendIds.map((userId) => ({ conversation, userId, may: true })),
        ],
      ),
    ]);
    const view = {
      ...{ id, name, description: "", avatarUrl: null },
      ...{ joinPolicy, posting: "all" as const, memberCount: userIds.length },
    };
    return accept(toGroup(view, "owner", online.size));
  }

  /** Changes a group's name, settings or avatar; its owner and admins may. */
  change(callerId: UserId, groupId: GroupId, change: GroupUpdate): Promise<Outcome<Group>> {
    const { database, redis } = this.#logic;
    return changeGroup(this.#logic, { groupId, callerId }, async (seen) => {
      const { group, conversation, role } = seen;
      const refusal = refuseOthersThanStaff(seen);
      if (refusal !== null) return refusal;
      const { name, ...settings } = change;
      const columns = { ...settings, ...(name !== undefined && groupName(name)) };
      let changed = group;
      if (Object.keys(columns).length > 0) {
        const update = database.update(groups).set(columns).where(eq(groups.id, groupId)).returning();
        const [, [row]] = await database.batch([seen.lock, update]);
        if (row === undefined) return refuse("group_not_found");
        changed = row;
        await this.#publish(groupId, [{ conversation, posting: row.posting }]);
      }
      const counts = await onlineCounts(redis, [groupId]);
      return accept(toGroup(changed, role, counts.get(groupId) ?? 0));
    });
  }

  /** Takes somebody into an open group. A member stays as they are. */
  async join(userId: UserId, groupId: GroupId): Promise<Outcome<Group>> {
    const { database } = this.#logic;
    const conversation = groupConversation(groupId);
    const [, joined, [row], [member]] = await database.batch([
      lockGroup(this.#logic, conversation),
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
      selectGroup(this.#logic, groupId),
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
    const [onlineCount] = await Promise.all([
      this.#onlineCountWith(groupId, userId, joined.rows.length > 0),
      // Who was in the group already may be more than a member, and muted: the fact of a new membership says `ok`.
      this.#publish(groupId, joined.rows.length > 0 ? [{ conversation, userId, may: true }] : []),
    ]);
    return accept(toGroup(row, member.role, onlineCount));
  }

  /**
   * Takes somebody out of a group. An owner hands it to the longest-standing admin, else member; with the last one the
   * group goes.
   */
  async leave(userId: UserId, groupId: GroupId): Promise<Outcome<null>> {
    const { database } = this.#logic;
    const conversation = groupConversation(groupId);
    const [, [found], left] = await database.batch([
      lockGroup(this.#logic, conversation),
      selectGroup(this.#logic, groupId),
      database.execute(sql`
        WITH gone AS (
          DELETE FROM members WHERE conversation = ${conversation} AND user_id = ${userId} RETURNING conversation
        )
        UPDATE groups SET member_count = member_count - 1 FROM gone WHERE groups.id = ${groupId}
        RETURNING groups.id`),
      database.execute(handOver(conversation)),
      database.execute(sql`DELETE FROM groups WHERE id = ${groupId} AND member_count = 0`),
    ]);
    if (found === undefined) return refuse("group_not_found");
    if (left.rows.length === 0) return refuse("member_not_found");
    await this.#publish(groupId, [{ conversation, userId, may: false }]);
    return accept(null);
  }

  #publish(groupId: GroupId, permissions: PermissionChange[]): Promise<void> {
    return publishChange(this.#logic, [groupTopic(groupId)], permissions);
  }

  /** How many of a group are online, with somebody who may just have joined: Redis' set follows through the status list. */
  async #onlineCountWith(groupId: GroupId, userId: UserId, joined: boolean): Promise<number> {
    const { redis } = this.#logic;
    const [counts, online] = await Promise.all([
      onlineCounts(redis, [groupId]),
      onlineAmong(redis, joined ? [userId] : []),
    ]);
    return (counts.get(groupId) ?? 0) + online.size;
  }
}

/** Locks a group by its conversation's row: its membership changes one by one, and never while messages are stored. */
function lockGroup({ database }: Logic, conversation: ConversationId) {
  return database.execute(sql`SELECT lock_conversations(ARRAY[${conversation}], NULL::bigint[])`);
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

function selectGroup({ database }: Logic, groupId: GroupId) {
  return database.select().from(groups).where(eq(groups.id, groupId));
}
