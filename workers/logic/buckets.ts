import { RpcTarget } from "cloudflare:workers";
import {
  deregister,
  forgetBucket,
  registerBucket,
  registerGroups,
  registerUsers,
  renewLease,
} from "../../lib/bucket-registry.ts";
import type { BucketMember, BucketsRpc, HeldPerson, VerifiedPerson } from "../../lib/rpc/logic.ts";
import type { BucketAddress } from "../../schema/internal/bucket-address.ts";
import { GroupId, SessionId, UserId } from "../../schema/wire/ids.ts";
import type { Logic } from "./context.ts";
import { kickStatus } from "./kick.ts";

/** Who is where: what the buckets report, and what they ask. */
export class Buckets extends RpcTarget implements BucketsRpc {
  readonly #logic: Logic;

  constructor(logic: Logic) {
    super();
    this.#logic = logic;
  }

  /**
   * The order matters: their own routes first, then their groups are read, then the groups' routes: somebody who joins
   * a group meanwhile is either in what was read, or the fact of it finds the route.
   */
  async arrive(address: BucketAddress, userIds: UserId[]): Promise<GroupId[][]> {
    await registerUsers(this.#logic.redis, address, userIds);
    const groups = await this.#groupsOf(userIds);
    const members = userIds.map((userId) => ({ userId, groupIds: groups.get(userId) ?? [] }));
    await registerGroups(this.#logic.redis, address, members);
    this.#kickStatus();
    return members.map((member) => member.groupIds);
  }

  async depart(address: BucketAddress, members: BucketMember[], emptyGroupIds: GroupId[]): Promise<void> {
    const userIds = members.map((member) => member.userId);
    await deregister(this.#logic.redis, address, userIds, emptyGroupIds);
    this.#kickStatus();
  }

  renew(address: BucketAddress, sockets: number): Promise<boolean> {
    return renewLease(this.#logic.redis, address, sockets);
  }

  async register(address: BucketAddress, members: BucketMember[], sockets: number): Promise<void> {
    await registerBucket(this.#logic.redis, address, members, sockets);
    this.#kickStatus();
  }

  async release(address: BucketAddress): Promise<void> {
    await forgetBucket(this.#logic.redis, address);
    this.#kickStatus();
  }

  async verify(people: HeldPerson[]): Promise<VerifiedPerson[]> {
    const sessionIds = people.flatMap((held) => held.sessionIds);
    const rows = await this.#logic.database.$client.query(
      `SELECT user_id::text, substr(conversation, 7) AS group_id, NULL AS session_id
         FROM members WHERE user_id = ANY($1::bigint[]) AND conversation LIKE 'group:%'
       UNION ALL
       SELECT NULL, NULL, asked.id
         FROM unnest($2::text[]) AS asked (id)
        WHERE NOT EXISTS (SELECT 1 FROM sessions WHERE sessions.id = asked.id AND sessions.ended_at IS NULL)`,
      [people.map(({ userId }) => userId), sessionIds],
    );
    const groups = new Map<UserId, GroupId[]>();
    const ended = new Set<SessionId>();
    for (const row of rows) {
      if (row.session_id !== null) ended.add(SessionId.parse(row.session_id));
      else addTo(groups, UserId.parse(row.user_id), GroupId.parse(row.group_id));
    }
    return people.map((held) => ({
      groupIds: groups.get(held.userId) ?? [],
      endedSessionIds: held.sessionIds.filter((id) => ended.has(id)),
    }));
  }

  /** The groups of some people, in one statement. */
  async #groupsOf(userIds: UserId[]): Promise<Map<UserId, GroupId[]>> {
    const rows = await this.#logic.database.$client.query(
      `SELECT user_id::text, substr(conversation, 7) AS group_id
         FROM members WHERE user_id = ANY($1::bigint[]) AND conversation LIKE 'group:%'`,
      [userIds],
    );
    const groups = new Map<UserId, GroupId[]>();
    for (const row of rows) addTo(groups, UserId.parse(row.user_id), GroupId.parse(row.group_id));
    return groups;
  }

  #kickStatus(): void {
    this.#logic.inBackground(kickStatus(this.#logic));
  }
}

function addTo<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}
