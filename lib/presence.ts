import type { GroupId, UserId } from "../schema/wire/ids.ts";
import type { Redis } from "./redis.ts";
import { redisKeys } from "./redis-keys.ts";

/** Which of some people are online. One round trip. */
export async function onlineAmong(redis: Redis, userIds: UserId[]): Promise<Set<UserId>> {
  if (userIds.length === 0) return new Set();
  const since = await redis.mget<(string | null)[]>(...userIds.map(redisKeys.presence));
  return new Set(userIds.filter((_, index) => since[index] !== null));
}

/** How many people of each group are online. One round trip. */
export async function onlineCounts(redis: Redis, groupIds: GroupId[]): Promise<Map<GroupId, number>> {
  if (groupIds.length === 0) return new Map();
  const pipeline = redis.pipeline();
  for (const groupId of groupIds) pipeline.scard(redisKeys.groupOnline(groupId));
  const counts = await pipeline.exec<number[]>();
  return new Map(groupIds.map((groupId, index) => [groupId, counts[index] ?? 0]));
}

/** Which of some people are online, and how many members of each group. No request for an empty list. */
export async function presenceOf(
  redis: Redis,
  userIds: UserId[],
  groupIds: GroupId[],
): Promise<{ users: Set<UserId>; counts: Map<GroupId, number> }> {
  const [users, counts] = await Promise.all([onlineAmong(redis, userIds), onlineCounts(redis, groupIds)]);
  return { users, counts };
}
