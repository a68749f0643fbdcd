import type { LoggedRecord } from "../../lib/message-log.ts";
import type { Redis } from "../../lib/redis.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import type { StatusRecord } from "../../schema/internal/status-record.ts";
import type { Push } from "./outline.ts";
import type { Routes } from "./routes.ts";

/**
 * Who has joined a group is reached as its member from here on: the buckets that hold the person are added to the
 * group's routes, in Redis and in the routes of this drain, before the buckets link the person's channels and say
 * `group.joined`. Counts follow through the status list. One round trip, and none when nobody joined or left.
 */
export async function followMemberships(redis: Redis, pushes: Push[], routes: Routes): Promise<void> {
  const records: StatusRecord[] = [];
  const pipeline = redis.pipeline();
  for (const { control } of pushes) {
    if (control === undefined || control.kind === "close") continue;
    const { kind, userId, groupId } = control;
    records.push({ kind: "membership", userId, groupId, member: kind === "link" });
    if (kind === "unlink") continue;
    const groupRoutes = routes.groups.get(groupId) ?? new Set();
    routes.groups.set(groupId, groupRoutes);
    for (const address of routes.users.get(userId) ?? []) {
      groupRoutes.add(address);
      pipeline.sadd(redisKeys.groupRoutes(groupId), address);
      pipeline.sadd(redisKeys.bucketGroups(address), groupId);
    }
  }
  if (records.length === 0) return;
  pipeline.rpush(redisKeys.status, ...records.map((record) => JSON.stringify(record)));
  await pipeline.exec();
}

/** Whether a record makes somebody join or leave a group, so that its count is to be looked at. */
export function changesMembership({ record }: LoggedRecord): boolean {
  return record?.kind === "notice" && record.control !== undefined && record.control.kind !== "close";
}
