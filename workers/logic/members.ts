import { RpcTarget } from "cloudflare:workers";
import { and, eq, inArray } from "drizzle-orm";
import { refuseOthersThanStaff } from "../../lib/group-rules.ts";
import { onlineAmong, onlineCounts } from "../../lib/presence.ts";
import type { MembersRpc } from "../../lib/rpc/logic.ts";
import { accept, type Outcome, type Refusal, refuse } from "../../lib/rpc/outcome.ts";
import type { Standing } from "../../lib/standing.ts";
import { groupTopic } from "../../lib/topic.ts";
import { toGroup } from "../../lib/views/group.ts";
import { toMember } from "../../lib/views/member.ts";
import type { PermissionChange } from "../../lib/write-permission.ts";
import { friendships } from "../../schema/tables/friends.ts";
import type { Group, Member, MemberChange } from "../../schema/wire/group.ts";
import type { GroupId, UserId } from "../../schema/wire/ids.ts";
import type { Logic } from "./context.ts";
import { publishChange } from "./facts.ts";
import { changeGroup, type Seen } from "./group-change.ts";
import { changing, entering, leaving, selectMember } from "./group-members.ts";
import { type Pair, refuseChange, refuseRemoval } from "./member-rules.ts";

/** What the owner and admins of a group do with its members. */
export class Members extends RpcTarget implements MembersRpc {
  readonly #logic: Logic;

  constructor(logic: Logic) {
    super();
    this.#logic = logic;
  }

  /** Takes friends of the caller into a group; who is a member already stays as they are. */
  add(callerId: UserId, groupId: GroupId, userIds: UserId[]): Promise<Outcome<Group>> {
    const { database, redis } = this.#logic;
    return changeGroup(this.#logic, { groupId, callerId, otherIds: userIds }, async (seen) => {
      const refusal = refuseOthersThanStaff(seen);
      if (refusal !== null) return refusal;
      const { conversation, roles } = seen;
      const added = [...new Set(userIds)].filter((userId) => !roles.has(userId));
      let { group } = seen;
      if (added.length > 0) {
        if (!(await this.#areFriends(callerId, added)))
          return refuse("not_friends", "Only friends can be made members");
        const [, , [row]] = await database.batch([
          seen.lock,
          ...entering(this.#logic, seen, added, callerId),
        ]);
        group = row ?? group;
        await this.#publish(
          groupId,
          added.map((userId) => ({ conversation, userId, may: true })),
        );
      }
      const [counts, online] = await Promise.all([onlineCounts(redis, [groupId]), onlineAmong(redis, added)]);
      return accept(toGroup(group, seen.role, (counts.get(groupId) ?? 0) + online.size));
    });
  }

  /** Gives a member another role, or mutes them until a time. A new owner takes the group over, the old one stays an admin. */
  change(callerId: UserId, groupId: GroupId, userId: UserId, change: MemberChange): Promise<Outcome<Member>> {
    const { database, redis } = this.#logic;
    return changeGroup(this.#logic, { groupId, callerId, otherIds: [userId] }, async (seen) => {
      const pair = pairOf(seen, callerId, userId);
      if ("code" in pair) return pair;
      const refusal = refuseChange(pair, change);
      if (refusal !== null) return refusal;
      const { conversation } = seen;
      const [, , , [row]] = await database.batch([
        seen.lock,
        ...changing(this.#logic, seen, { callerId, userId, change }),
        selectMember(this.#logic, seen, userId),
      ]);
      if (row === undefined) return refuse("member_not_found");
      const standing: Standing = { role: row.role, mutedUntil: row.mutedUntil };
      const [online] = await Promise.all([
        onlineAmong(redis, [userId]),
        this.#publish(groupId, [{ conversation, userId, standing }]),
      ]);
      return accept(toMember(row, online.has(userId)));
    });
  }

  /** Removes a member. */
  remove(callerId: UserId, groupId: GroupId, userId: UserId): Promise<Outcome<null>> {
    const { database } = this.#logic;
    return changeGroup(this.#logic, { groupId, callerId, otherIds: [userId] }, async (seen) => {
      const pair = pairOf(seen, callerId, userId);
      if ("code" in pair) return pair;
      const refusal = refuseRemoval(pair);
      if (refusal !== null) return refusal;
      await database.batch([seen.lock, ...leaving(this.#logic, seen, userId, callerId)]);
      await this.#publish(groupId, [{ conversation: seen.conversation, userId, may: false }]);
      return accept(null);
    });
  }

  async #areFriends(userId: UserId, others: UserId[]): Promise<boolean> {
    const found = await this.#logic.database
      .select({ friendId: friendships.friendId })
      .from(friendships)
      .where(and(eq(friendships.userId, userId), inArray(friendships.friendId, others)));
    return found.length === others.length;
  }

  #publish(groupId: GroupId, permissions: PermissionChange[]): Promise<void> {
    return publishChange(this.#logic, [groupTopic(groupId)], permissions);
  }
}

/** The caller, of the group's staff, and the member whom it is about; a refusal when they are not. */
function pairOf(seen: Seen, callerId: UserId, userId: UserId): Pair | Refusal {
  const { role, roles } = seen;
  const refusal = refuseOthersThanStaff(seen);
  if (refusal !== null) return refusal;
  const otherRole = roles.get(userId);
  if (otherRole === undefined) return refuse("member_not_found");
  // The refusal above leaves only these two.
  return { role: role === "owner" ? role : "admin", otherRole, isSelf: userId === callerId };
}
