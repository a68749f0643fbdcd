import type { Redis } from "../../lib/redis.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import type { GroupId } from "../../schema/wire/ids.ts";

/** How often the online count of a group is pushed, at most (milliseconds). */
const EVERY_MS = 1_000;

/** The groups whose counts are pushed now, with their counts, and those that were pushed less than a second ago. */
export type Turns = { counts: Map<GroupId, number>; early: GroupId[] };

type Pipeline = ReturnType<Redis["pipeline"]>;

/**
 * Takes the turn of each group that has not had one for a second, and counts who is online in it. However many people
 * come and go, a group's members get one count a second. One round trip, and none for no groups.
 */
export async function takeTurns(redis: Redis, groupIds: GroupId[]): Promise<Turns> {
  if (groupIds.length === 0) return { counts: new Map(), early: [] };
  const pipeline = redis.pipeline();
  for (const groupId of groupIds) {
    pipeline.set(redisKeys.countPushed(groupId), "1", { nx: true, px: EVERY_MS });
    pipeline.scard(redisKeys.groupOnline(groupId));
  }
  const replies = await pipeline.exec<(string | number | null)[]>();
  const counts = new Map<GroupId, number>();
  const early: GroupId[] = [];
  for (const [index, groupId] of groupIds.entries()) {
    if (replies[2 * index] === null) early.push(groupId);
    else counts.set(groupId, Number(replies[2 * index + 1]));
  }
  return { counts, early };
}

/**
 * Notes which counts are still to be pushed, so that the last one is, although nothing further happens in its group:
 * those that were early a second from now, unless they are due before, and not those that are pushed. Part of a pipeline.
 */
export function noteDueCounts(pipeline: Pipeline, { counts, early }: Turns, wereDue: GroupId[]): void {
  const done = [...counts.keys(), ...wereDue];
  if (done.length > 0) pipeline.zrem(redisKeys.dueCounts, ...done);
  const at = Date.now() + EVERY_MS;
  const [first, ...rest] = early.map((member) => ({ score: at, member }));
  if (first !== undefined) pipeline.zadd(redisKeys.dueCounts, { nx: true }, first, ...rest);
}
