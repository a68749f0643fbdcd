import { RpcTarget } from "cloudflare:workers";
import { and, eq, type SQL, sql } from "drizzle-orm";
import { refuseOthersThanStaff, refuseStranger } from "../../lib/group-rules.ts";
import { groupName } from "../../lib/names.ts";
import { noticeFact } from "../../lib/notice-fact.ts";
import { onlineAmong, onlineCounts } from "../../lib/presence.ts";
import type { GroupsRpc, GroupUpdate } from "../../lib/rpc/logic.ts";
import { accept, type Outcome, refuse } from "../../lib/rpc/outcome.ts";
import type { Standing } from "../../lib/standing.ts";
import { groupTopic } from "../../lib/topic.ts";
import { toGroup } from "../../lib/views/group.ts";
import type { PermissionChange } from "../../lib/write-permission.ts";
import { members } from "../../schema/tables/conversations.ts";
import { groups } from "../../schema/tables/groups.ts";
import { joinRequests } from "../../schema/tables/joining.ts";
import { type ConversationId, groupConversation } from "../../schema/wire/conversation-id.ts";
import type { Group, NewGroup } from "../../schema/wire/group.ts";
import { GroupId, type UserId } from "../../schema/wire/ids.ts";
import type { Logic } from "./context.ts";
import { publishChange, publishManyFacts } from "./facts.ts";
import { changeGroup, giveNotice } from "./group-change.ts";
import { entering, leaving, withoutGroup } from "./group-members.ts";

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
    const create = database.execute(sql`
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
    // A statement of its own: the facts of the memberships come before it.
    const fact = JSON.stringify(noticeFact(conversation, ownerId, { kind: "created" }));
    const notice = database.execute(sql`
      INSERT INTO pending_facts (topic, fact)
      SELECT ${groupTopic(id)}, ${fact}::jsonb WHERE EXISTS (SELECT 1 FROM groups WHERE id = ${id})`);
    const [created] = await database.batch([create, notice]);
    if (created.rows.length === 0) return refuse("not_friends", "Only friends can be made members");

    const userIds = [ownerId, ...friendIds];
    const [online] = await Promise.all([
      onlineAmong(redis, userIds),
      this.#publish(
        id,
        // Whoever has tried to write before the group existed has left `gone` in Redis.
        [
          { conversation, posting: "all" },
          { conversation, userId: ownerId, standing: { role: "owner", mutedUntil: null } },
          ...friendIds.map((userId) => ({ conversation, userId, may: true })),
        ],
      ),
    ]);
    const view = {
      ...{ id, name, description: "", avatarUrl: null },
      ...{ joinPolicy, posting: "all" as const, memberCount: userIds.length, retentionDays: null },
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
        const renamed = name !== undefined && name !== group.name;
        const [, [row]] = await database.batch([
          seen.lock,
          update,
          ...(renamed ? [giveNotice(this.#logic, seen, callerId, { kind: "renamed", name })] : []),
        ]);
        if (row === undefined) return refuse("group_not_found");
        changed = row;
        await this.#publish(groupId, [{ conversation, posting: row.posting }]);
      }
      const counts = await onlineCounts(redis, [groupId]);
      return accept(toGroup(changed, role, counts.get(groupId) ?? 0));
    });
  }

  /** Takes somebody into an open group, or lets them wait to be let in: null. A member stays as they are. */
  join(userId: UserId, groupId: GroupId): Promise<Outcome<Group | null>> {
    const { database } = this.#logic;
    return changeGroup(this.#logic, { groupId, callerId: userId }, async (seen) => {
      const { group, conversation, role } = seen;
      if (role !== null) {
        return accept(toGroup(group, role, await this.#onlineCountWith(groupId, [])));
      }
      if (group.joinPolicy === "invite") return refuse("group_not_found");
      if (group.joinPolicy === "approval") {
        const wait = database.insert(joinRequests).values({ groupId, userId }).onConflictDoNothing();
        await database.batch([seen.lock, wait]);
        return accept(null);
      }
      const [, , [row]] = await database.batch([seen.lock, ...entering(this.#logic, seen, [userId], userId)]);
      if (row === undefined) return refuse("group_not_found");
      const [onlineCount] = await Promise.all([
        this.#onlineCountWith(groupId, [userId]),
        this.#publish(groupId, [{ conversation, userId, may: true }]),
      ]);
      return accept(toGroup(row, "member", onlineCount));
    });
  }

  /**
   * Takes somebody out of a group, or of those who wait. An owner hands it to the longest-standing admin, else member; with the last one the
   * group goes.
   */
  leave(userId: UserId, groupId: GroupId): Promise<Outcome<null>> {
    const { database } = this.#logic;
    return changeGroup(this.#logic, { groupId, callerId: userId }, async (seen) => {
      const { conversation, role } = seen;
      if (role === null) return this.#stopWaiting(userId, groupId);
      const [, , , , , , heirs] = await database.batch([
        seen.lock,
        database.execute(lockHeir(conversation, userId)),
        ...leaving(this.#logic, seen, userId, userId),
        database.execute<{ user_id: UserId }>(handOver(conversation)),
        database.execute(sql`DELETE FROM groups WHERE id = ${groupId} AND member_count = 0`),
        ...withoutGroup(this.#logic, seen),
      ]);
      const owner: Standing = { role: "owner", mutedUntil: null };
      await this.#publish(groupId, [
        { conversation, userId, may: false },
        ...heirs.rows.map((heir) => ({ conversation, userId: heir.user_id, standing: owner })),
      ]);
      return accept(null);
    });
  }

  /** Deletes a group with all that is in it; its owner may. The messages are unreadable at once, and deleted by cron. */
  remove(callerId: UserId, groupId: GroupId): Promise<Outcome<null>> {
    const { database } = this.#logic;
    return changeGroup(this.#logic, { groupId, callerId }, async (seen) => {
      const { group, conversation, role } = seen;
      if (role === null) return refuseStranger(group);
      if (role !== "owner") return refuse("not_allowed", "Only the group's owner may delete it");
      await database.batch([
        seen.lock,
        database.delete(members).where(eq(members.conversation, conversation)),
        database.delete(groups).where(eq(groups.id, groupId)),
        ...withoutGroup(this.#logic, seen),
      ]);
      // One key refuses all members at once; each learns of it by a fact.
      await this.#publish(groupId, [{ conversation, posting: "gone" }]);
      this.#logic.inBackground(publishManyFacts(this.#logic, groupTopic(groupId), group.memberCount));
      return accept(null);
    });
  }

  async #stopWaiting(userId: UserId, groupId: GroupId): Promise<Outcome<null>> {
    const withdrawn = await this.#logic.database
      .delete(joinRequests)
      .where(and(eq(joinRequests.groupId, groupId), eq(joinRequests.userId, userId)))
      .returning({ userId: joinRequests.userId });
    return withdrawn.length > 0 ? accept(null) : refuse("member_not_found");
  }

  #publish(groupId: GroupId, permissions: PermissionChange[]): Promise<void> {
    return publishChange(this.#logic, [groupTopic(groupId)], permissions);
  }

  /** How many of a group are online, with those who have just joined: Redis' set follows through the status list. */
  async #onlineCountWith(groupId: GroupId, joined: UserId[]): Promise<number> {
    const { redis } = this.#logic;
    const [counts, online] = await Promise.all([onlineCounts(redis, [groupId]), onlineAmong(redis, joined)]);
    return (counts.get(groupId) ?? 0) + online.size;
  }
}

/**
 * Gives a group without an owner to the longest-standing admin, else member; returns who it is. They are not muted any more,
 * because nobody could end it.
 */
function handOver(conversation: ConversationId): SQL {
  return sql`
    UPDATE members SET role = 'owner', muted_until = NULL
     WHERE conversation = ${conversation}
       AND user_id = (${heir(conversation)})
       AND NOT EXISTS (SELECT 1 FROM members WHERE conversation = ${conversation} AND role = 'owner')
    RETURNING user_id::text`;
}

/** Locks a member who leaves and the heir of an owner, in the order of all transactions, before either row is written. */
function lockHeir(conversation: ConversationId, ownerId: UserId): SQL {
  return sql`
    SELECT lock_members(ARRAY[${conversation}, ${conversation}], ARRAY[${ownerId}::bigint, (${heir(conversation)})])`;
}

/** The longest-standing admin, else member. */
function heir(conversation: ConversationId): SQL {
  return sql`
    SELECT user_id FROM members WHERE conversation = ${conversation} AND role <> 'owner'
     ORDER BY (role = 'admin') DESC, joined_at, user_id LIMIT 1`;
}
