import { RpcTarget } from "cloudflare:workers";
import { and, eq, sql } from "drizzle-orm";
import { refuseOthersThanStaff } from "../../lib/group-rules.ts";
import { onlineAmong } from "../../lib/presence.ts";
import type { JoinRequestsRpc } from "../../lib/rpc/logic.ts";
import { accept, type Outcome, refuse } from "../../lib/rpc/outcome.ts";
import { groupTopic } from "../../lib/topic.ts";
import { toMember } from "../../lib/views/member.ts";
import { joinRequests } from "../../schema/tables/joining.ts";
import type { Member } from "../../schema/wire/group.ts";
import type { GroupId, UserId } from "../../schema/wire/ids.ts";
import type { Logic } from "./context.ts";
import { publishChange } from "./facts.ts";
import { changeGroup } from "./group-change.ts";
import { entering, selectMember } from "./group-members.ts";

/** Who waits to be let into a group by its owner or admins. */
export class JoinRequests extends RpcTarget implements JoinRequestsRpc {
  readonly #logic: Logic;

  constructor(logic: Logic) {
    super();
    this.#logic = logic;
  }

  /** Lets somebody in who waits. */
  accept(callerId: UserId, groupId: GroupId, userId: UserId): Promise<Outcome<Member>> {
    const { database, redis } = this.#logic;
    return changeGroup(this.#logic, { groupId, callerId, otherIds: [userId] }, async (seen) => {
      const refusal = refuseOthersThanStaff(seen);
      if (refusal !== null) return refusal;
      const { conversation } = seen;
      if (!(await this.#waits(groupId, userId))) return refuse("join_request_not_found");
      const results = await database.batch([
        seen.lock,
        database.execute(sql`SELECT take_join_request(${groupId}, ${userId})`),
        ...entering(this.#logic, seen, [userId], callerId),
        selectMember(this.#logic, seen, userId),
      ]);
      const [member] = results[6];
      if (member === undefined) return refuse("member_not_found");
      const [online] = await Promise.all([
        onlineAmong(redis, [userId]),
        publishChange(this.#logic, [groupTopic(groupId)], [{ conversation, userId, may: true }]),
      ]);
      return accept(toMember(member, online.has(userId)));
    });
  }

  /** Declines a request; the asker does not learn of it, and may ask again. */
  decline(callerId: UserId, groupId: GroupId, userId: UserId): Promise<Outcome<null>> {
    return changeGroup(this.#logic, { groupId, callerId }, async (seen) => {
      const refusal = refuseOthersThanStaff(seen);
      if (refusal !== null) return refusal;
      const declined = await this.#logic.database
        .delete(joinRequests)
        .where(requestOf(groupId, userId))
        .returning({ userId: joinRequests.userId });
      return declined.length > 0 ? accept(null) : refuse("join_request_not_found");
    });
  }

  async #waits(groupId: GroupId, userId: UserId): Promise<boolean> {
    const found = await this.#logic.database
      .select({ userId: joinRequests.userId })
      .from(joinRequests)
      .where(requestOf(groupId, userId));
    return found.length > 0;
  }
}

function requestOf(groupId: GroupId, userId: UserId) {
  return and(eq(joinRequests.groupId, groupId), eq(joinRequests.userId, userId));
}
