import type { FactRecord, OperationRecord } from "../schema/internal/log-record.ts";
import type { Topic } from "../schema/internal/topic.ts";
import { faultPoint } from "./faults.ts";
import type { MessageLog } from "./message-log.ts";
import type { Redis } from "./redis.ts";
import { redisKeys } from "./redis-keys.ts";

/** A record for the log, before the hand-over that writes it has given it its mark. */
export type NewRecord = { topic: Topic; record: Omit<OperationRecord, "mark"> | Omit<FactRecord, "mark"> };

type Pipeline = ReturnType<Redis["pipeline"]>;
type Stores = { redis: Redis; messageLog: MessageLog };

/** A mark of its own for each hand-over. */
export function newMark(): string {
  return crypto.randomUUID();
}

/** Marks topics *behind*. Part of a pipeline. A mark comes before its produce: a produce without one could be forgotten. */
export function markBehind(pipeline: Pipeline, topics: Topic[], mark: string): void {
  const now = Date.now();
  const [first, ...rest] = topics.map((topic) => ({ score: now, member: `${topic} ${mark}` }));
  if (first !== undefined) pipeline.zadd(redisKeys.behind, first, ...rest);
}

/** Puts records into the log under a mark that Redis already holds, in one request. */
export async function produceMarked(
  { redis, messageLog }: Stores,
  records: NewRecord[],
  mark: string,
): Promise<void> {
  await faultPoint(redis, "logic:marked");
  await messageLog.produce(records.map(({ topic, record }) => ({ topic, record: { ...record, mark } })));
  await faultPoint(redis, "logic:produced");
}

/**
 * Puts records into the log: marks their topics *behind*, then produces; two round trips. Once it has returned the
 * records are durable; when it throws, they may or may not be.
 */
export async function append(stores: Stores, records: NewRecord[]): Promise<void> {
  if (records.length === 0) return;
  const mark = newMark();
  const pipeline = stores.redis.pipeline();
  markBehind(pipeline, distinctTopics(records), mark);
  await pipeline.exec();
  await produceMarked(stores, records, mark);
}

/** The topics of some records, each once. */
export function distinctTopics(records: { topic: Topic }[]): Topic[] {
  return [...new Set(records.map(({ topic }) => topic))];
}
