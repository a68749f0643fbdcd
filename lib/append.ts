import type { FactRecord, OperationRecord } from "../schema/internal/log-record.ts";
import type { Topic } from "../schema/internal/topic.ts";
import { faultPoint } from "./faults.ts";
import type { MessageLog, ReadableRecord } from "./message-log.ts";
import type { Redis } from "./redis.ts";
import { redisKeys } from "./redis-keys.ts";
import type { Place } from "./topic.ts";

/** A record for the log, before the hand-over that writes it adds its mark. */
export type NewRecord = Place & { record: Omit<OperationRecord, "mark"> | Omit<FactRecord, "mark"> };

type Pipeline = ReturnType<Redis["pipeline"]>;
type Stores = { redis: Redis; messageLog: MessageLog };

/** Makes the mark of one hand-over: unique. */
export function newMark(): string {
  return crypto.randomUUID();
}

/**
 * Marks topics *behind*. Part of a pipeline. Always before the produce: when the writer dies after an unmarked produce,
 * nothing ever drains its records.
 */
export function markBehind(pipeline: Pipeline, topics: Topic[], mark: string): void {
  const now = Date.now();
  const [first, ...rest] = topics.map((topic) => ({ score: now, member: `${topic} ${mark}` }));
  if (first !== undefined) pipeline.zadd(redisKeys.behind, first, ...rest);
}

/** Puts records into the log under a mark that Redis already holds, in one request; returns them with their offsets. */
export async function produceMarked(
  { redis, messageLog }: Stores,
  records: NewRecord[],
  mark: string,
): Promise<ReadableRecord[]> {
  await faultPoint(redis, "logic:marked");
  const written = await messageLog.produce(
    records.map(({ record, ...place }) => ({ ...place, record: { ...record, mark } })),
  );
  await faultPoint(redis, "logic:produced");
  return written;
}

/**
 * Puts records into the log: marks their topics *behind*, then produces; two round trips. When it returns, the records
 * are durable; when it throws, they may or may not have been written.
 */
export async function append(stores: Stores, records: NewRecord[]): Promise<void> {
  if (records.length === 0) return;
  const mark = newMark();
  const pipeline = stores.redis.pipeline();
  markBehind(pipeline, distinctTopics(records), mark);
  await pipeline.exec();
  await produceMarked(stores, records, mark);
}

/** The distinct topics of the records. */
export function distinctTopics(records: { topic: Topic }[]): Topic[] {
  return [...new Set(records.map(({ topic }) => topic))];
}
