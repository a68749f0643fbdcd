import type { Topic } from "../schema/internal/topic.ts";
import type { Redis } from "./redis.ts";
import { redisKeys } from "./redis-keys.ts";

/** How long a lock lasts (milliseconds). A delivery not finished by then is repeated by the next owner. */
export const LOCK_MS = 30_000;

/** A topic that this drain owns until the locks' deadline. */
export type LockedTopic = {
  topic: Topic;
  /** How many wake-ups the topic had had when it was locked, this drain's included. */
  wake: number;
  /** The offset of the next record to drain; null when the previous drain's note of it is gone from Redis. */
  nextOffset: number | null;
};

/** The locks of one drain. */
export type Locks = {
  owner: string;
  /** When the locks lapse, in milliseconds since the epoch. */
  deadline: number;
  locked: LockedTopic[];
  /** Topics that another drain owns. It sees this drain's wake-up when it releases the lock, and drains again. */
  busy: Topic[];
  /** The newest millisecond that any Snowflake worker has stamped, 0 when none is known. */
  clockFloor: number;
};

type Pipeline = ReturnType<Redis["pipeline"]>;

/**
 * Counts a wake-up of each topic and tries to lock it, for 30 s; one round trip, however many topics. The wake-up comes
 * before the try: when the try fails, the lock was held after the wake-up, so its owner sees it when it releases.
 */
export async function lockTopics(redis: Redis, topics: Topic[]): Promise<Locks> {
  const owner = crypto.randomUUID();
  const deadline = Date.now() + LOCK_MS;
  const pipeline = redis.pipeline();
  pipeline.hvals(redisKeys.snowflakeClock);
  pipeline.mget(...topics.map(redisKeys.nextOffset));
  for (const topic of topics) {
    pipeline.incr(redisKeys.wake(topic));
    pipeline.set(redisKeys.lock(topic), owner, { nx: true, px: LOCK_MS });
  }
  const [clocks, offsets, ...replies] =
    await pipeline.exec<[string[] | null, (string | null)[], ...(number | string | null)[]]>();

  const locked: LockedTopic[] = [];
  const busy: Topic[] = [];
  for (const [index, topic] of topics.entries()) {
    const offset = offsets[index] ?? null;
    if (replies[2 * index + 1] === null) busy.push(topic);
    else {
      const wake = Number(replies[2 * index]);
      locked.push({ topic, wake, nextOffset: offset === null ? null : Number(offset) });
    }
  }
  return { owner, deadline, locked, busy, clockFloor: Math.max(0, ...(clocks ?? []).map(Number)) };
}

/** Publishes the clock of a Snowflake worker to the next owners of any lock. Part of a pipeline. */
export function publishClock(pipeline: Pipeline, workerId: number, lastMs: number): void {
  pipeline.hset(redisKeys.snowflakeClock, { [workerId]: lastMs });
}
