import type { ReadableRecord } from "../../lib/message-log.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import type { StatusRecord } from "../../schema/internal/status-record.ts";
import type { Topic } from "../../schema/internal/topic.ts";
import type { Logic } from "./context.ts";

/** The most records that a kick carries: task reads more from the log, together with what has come meanwhile. */
const MAX_CARRIED = 2;

/**
 * Has task drain the topics, and hands it the records that were just written there. When the call fails a queue message
 * does it; when that fails too, cron finds the topics by their marks: nothing depends on this call.
 */
export async function kick(logic: Logic, topics: Topic[], written: ReadableRecord[] = []): Promise<void> {
  try {
    await logic.task.drain(topics, written.length > MAX_CARRIED ? [] : written);
  } catch (fault) {
    logic.log.error("kick failed", fault, { topics });
    await logic.drainQueue.send({ topics });
  }
}

/** Has task drain the status list. Status is soft: a failed call is only noted, cron drains what was left. */
export async function kickStatus(logic: Logic): Promise<void> {
  try {
    await logic.task.drainStatus();
  } catch (fault) {
    logic.log.error("status kick failed", fault);
  }
}

/** Puts changes of status onto the Redis list in one round trip, and kicks task without waiting for it. */
export async function pushStatus(logic: Logic, records: StatusRecord[]): Promise<void> {
  if (records.length === 0) return;
  await logic.redis.rpush(redisKeys.status, ...records.map((record) => JSON.stringify(record)));
  logic.inBackground(kickStatus(logic));
}
