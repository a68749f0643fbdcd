import { faultPoint } from "../../lib/faults.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import type { LogRecord } from "../../schema/internal/log-record.ts";
import type { Topic } from "../../schema/internal/topic.ts";
import type { Logic } from "./context.ts";
import { kick } from "./kick.ts";

/** An operation for the log, before the hand-over that writes it has given it its mark. */
export type Operation = { topic: Topic; record: Unmarked<LogRecord> };

type Unmarked<Kind> = Kind extends { mark: string } ? Omit<Kind, "mark"> : never;

/** A mark of its own for each hand-over. */
export function newMark(): string {
  return crypto.randomUUID();
}

/** How a topic that is *behind* under a mark stands in Redis. */
export function behindEntries(topics: Topic[], mark: string): { score: number; member: string }[] {
  const now = Date.now();
  return topics.map((topic) => ({ score: now, member: `${topic} ${mark}` }));
}

/** Puts operations into the log under a mark that Redis already holds, and kicks task without waiting for it. */
export async function produceMarked(logic: Logic, operations: Operation[], mark: string): Promise<void> {
  await faultPoint(logic.redis, "logic:marked");
  await logic.messageLog.produce(
    operations.map(({ topic, record }) => ({ topic, record: { ...record, mark } })),
  );
  await faultPoint(logic.redis, "logic:produced");
  logic.inBackground(kick(logic, distinctTopics(operations)));
}

/**
 * Puts operations into the log: marks their topics *behind*, produces in one request, kicks task. Once it has answered
 * the operations are durable; when it throws, they may or may not be.
 */
export async function append(logic: Logic, operations: Operation[]): Promise<void> {
  const mark = newMark();
  const [first, ...rest] = behindEntries(distinctTopics(operations), mark);
  if (first === undefined) return;
  await logic.redis.zadd(redisKeys.behind, first, ...rest);
  await produceMarked(logic, operations, mark);
}

/** The topics of some operations, each once. */
export function distinctTopics(operations: { topic: Topic }[]): Topic[] {
  return [...new Set(operations.map(({ topic }) => topic))];
}
