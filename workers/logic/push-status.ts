import { redisKeys } from "../../lib/redis-keys.ts";
import type { StatusRecord } from "../../schema/internal/status-record.ts";
import type { Logic } from "./context.ts";
import { kickStatus } from "./kick.ts";

/** Puts changes of status onto the Redis list in one round trip, and kicks task without waiting for it. */
export async function pushStatus(logic: Logic, records: StatusRecord[]): Promise<void> {
  if (records.length === 0) return;
  await logic.redis.rpush(redisKeys.status, ...records.map((record) => JSON.stringify(record)));
  logic.inBackground(kickStatus(logic));
}
