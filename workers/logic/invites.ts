import { RpcTarget } from "cloudflare:workers";
import { randomBytes } from "node:crypto";
import { and, eq, sql } from "drizzle-orm";
import { refuseOthersThanStaff } from "../../lib/group-rules.ts";
import { onlineAmong, onlineCounts } from "../../lib/presence.ts";
import type { InvitesRpc } from "../../lib/rpc/logic.ts";
import { accept, type Outcome, refuse } from "../../lib/rpc/outcome.ts";
import { groupTopic } from "../../lib/topic.ts";
import { toGroup } from "../../lib/views/group.ts";
import { type InviteView, toInviteView } from "../../lib/views/invite.ts";
import { invites } from "../../schema/tables/joining.ts";
import type { Group } from "../../schema/wire/group.ts";
import { type GroupId, InviteId, type UserId } from "../../schema/wire/ids.ts";
import type { InviteToken, NewInvite } from "../../schema/wire/invite.ts";
import type { Logic } from "./context.ts";
import { publishChange } from "./facts.ts";
import { changeGroup, lookAtGroup, retried } from "./group-change.ts";
import { entering } from "./group-members.ts";

const TOKEN_BYTES = 16;
/** The most invites of a group: their list is shown, and a stolen session must not fill the table. */
const MAX_INVITES = 200;

/** Links with which anybody may join a group. */
export class Invites extends RpcTarget implements InvitesRpc {
  readonly #logic: Logic;

  constructor(logic: Logic) {
    super();
    this.#logic = logic;
  }

  create(
    callerId: UserId,
    groupId: GroupId,
    { expiresIn, maxUses }: NewInvite,
  ): Promise<Outcome<InviteView>> {
    const { database, redis, snowflakes } = this.#logic;
    return changeGroup(this.#logic, { groupId, callerId }, async (seen) => {
      const refusal = refuseOthersThanStaff(seen);
      if (refusal !== null) return refusal;
      const id = InviteId.parse(String((await snowflakes.generator(redis)).next()));
      const token = randomBytes(TOKEN_BYTES).toString("base64url");
      const expiresAt = expiresIn === undefined ? null : new Date(Date.now() + expiresIn * 1_000);
      const [, created] = await database.batch([
        seen.lock,
        database.execute(sql`
          INSERT INTO invites (id, group_id, token, expires_at, max_uses)
          SELECT ${id}::bigint, ${groupId}::bigint, ${token}, ${expiresAt?.toISOString() ?? null}::timestamptz, ${maxUses ?? null}::int
           WHERE (SELECT count(*) FROM invites WHERE group_id = ${groupId}) < ${MAX_INVITES}
          RETURNING id`),
      ]);
      if (created.rows.length === 0) return refuse("too_many_invites");
      return accept(toInviteView({ id, token, expiresAt, maxUses: maxUses ?? null, uses: 0 }));
    });
  }

  revoke(callerId: UserId, groupId: GroupId, inviteId: InviteId): Promise<Outcome<null>> {
    return changeGroup(this.#logic, { groupId, callerId }, async (seen) => {
      const refusal = refuseOthersThanStaff(seen);
      if (refusal !== null) return refusal;
      const revoked = await this.#logic.database
        .delete(invites)
        .where(and(eq(invites.id, inviteId), eq(invites.groupId, groupId)))
        .returning({ id: invites.id });
      return revoked.length > 0 ? accept(null) : refuse("invite_not_found");
    });
  }

  /** Takes somebody into the group of an invite, whatever its join policy. A member stays as they are, and spends no use. */
  accept(callerId: UserId, token: InviteToken): Promise<Outcome<Group>> {
    const { database, redis } = this.#logic;
    return retried(async () => {
      const invite = await this.#find(token);
      if (invite === undefined) return refuse("invite_not_found");
      const { groupId } = invite;
      const seen = await lookAtGroup(this.#logic, { groupId, callerId });
      if (seen === null) return refuse("invite_not_found");
      const { conversation, role } = seen;
      let { group } = seen;
      if (role === null) {
        if (invite.isSpent) return refuse("invite_not_found");
        const [, , , [row]] = await database.batch([
          seen.lock,
          database.execute(sql`SELECT spend_invite(${token})`),
          ...entering(this.#logic, seen, [callerId], callerId),
        ]);
        group = row ?? group;
        await publishChange(
          this.#logic,
          [groupTopic(groupId)],
          [{ conversation, userId: callerId, may: true }],
        );
      }
      const [counts, online] = await Promise.all([
        onlineCounts(redis, [groupId]),
        onlineAmong(redis, role === null ? [callerId] : []),
      ]);
      return accept(toGroup(group, role ?? "member", (counts.get(groupId) ?? 0) + online.size));
    });
  }

  /** The invite of a token that has not expired. */
  async #find(token: InviteToken): Promise<{ groupId: GroupId; isSpent: boolean } | undefined> {
    const [found] = await this.#logic.database
      .select({
        groupId: invites.groupId,
        isSpent: sql<boolean>`coalesce(${invites.uses} >= ${invites.maxUses}, false)`,
      })
      .from(invites)
      .where(and(eq(invites.token, token), sql`coalesce(${invites.expiresAt} > now(), true)`));
    return found;
  }
}
