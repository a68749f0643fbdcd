import {
  deregister,
  forgetBucket,
  registerBucket,
  registerGroups,
  registerUsers,
  renewLease,
} from "../../lib/bucket-registry.ts";
import type { BucketMember } from "../../lib/rpc/logic.ts";
import type { BucketAddress } from "../../schema/internal/bucket-address.ts";
import { ConversationId, conversationParts } from "../../schema/wire/conversation-id.ts";
import { type GroupId, UserId } from "../../schema/wire/ids.ts";
import type { Logic } from "./context.ts";
import { kickStatus } from "./kick.ts";

/**
 * People have come. The order matters: their own routes first, then their groups are read, then the groups' routes:
 * somebody who joins a group meanwhile is either in what was read, or the notice of it finds the route.
 */
export async function arrive(logic: Logic, address: BucketAddress, userIds: UserId[]): Promise<GroupId[][]> {
  await registerUsers(logic.redis, address, userIds);
  const groups = await groupsOf(logic, userIds);
  const members = userIds.map((userId) => ({ userId, groupIds: groups.get(userId) ?? [] }));
  await registerGroups(logic.redis, address, members);
  logic.inBackground(kickStatus(logic));
  return members.map((member) => member.groupIds);
}

/** People have left a bucket, for longer than the grace time. */
export async function depart(
  logic: Logic,
  address: BucketAddress,
  members: BucketMember[],
  emptyGroupIds: GroupId[],
): Promise<void> {
  const userIds = members.map((member) => member.userId);
  await deregister(logic.redis, address, userIds, emptyGroupIds);
  logic.inBackground(kickStatus(logic));
}

/** Renews a lease; false when Redis does not know the bucket, which then registers all that it holds. */
export function renew(logic: Logic, address: BucketAddress, sockets: number): Promise<boolean> {
  return renewLease(logic.redis, address, sockets);
}

/** Registers all that a bucket holds, and forgets what Redis knew of it beyond that. */
export async function register(
  logic: Logic,
  address: BucketAddress,
  members: BucketMember[],
  sockets: number,
): Promise<void> {
  await registerBucket(logic.redis, address, members, sockets);
  logic.inBackground(kickStatus(logic));
}

/** The bucket has no sockets any more: its lease ends. */
export async function release(logic: Logic, address: BucketAddress): Promise<void> {
  await forgetBucket(logic.redis, address);
  logic.inBackground(kickStatus(logic));
}

/** The groups of some people, in one statement. */
async function groupsOf(logic: Logic, userIds: UserId[]): Promise<Map<UserId, GroupId[]>> {
  const rows = await logic.database.$client.query(
    "SELECT user_id, conversation FROM members WHERE user_id = ANY($1::bigint[]) AND conversation LIKE 'group:%'",
    [userIds],
  );
  const groups = new Map<UserId, GroupId[]>();
  for (const row of rows) {
    const userId = UserId.parse(row.user_id);
    const parts = conversationParts(ConversationId.parse(row.conversation));
    if (parts.kind !== "group") continue;
    const known = groups.get(userId);
    if (known === undefined) groups.set(userId, [parts.groupId]);
    else known.push(parts.groupId);
  }
  return groups;
}
