import type { Topic } from "../schema/internal/topic.ts";
import { hasLock, lockFor } from "./lock.ts";
import type { Redis } from "./redis.ts";
import { redisKeys } from "./redis-keys.ts";

/** How long a lock lasts (milliseconds). The next owner repeats a delivery that is not finished by then. */
export const LOCK_MS = 30_000;

/** A topic that this drain owns until the locks' deadline. */
export type LockedTopic = {
  topic: Topic;
  /** The topic's wake-ups at the time it was locked, including that of this drain. */
  wake: number;
  /** The offset of the next record to drain; null when Redis does not hold it. */
  nextOffset: number | null;
};

/** The locks of one drain. */
export type Locks = {
  owner: string;
  /** When the locks lapse, in milliseconds since the epoch. */
  deadline: number;
  locked: LockedTopic[];
  /** Topics that another drain owns. At its release, the owner sees this drain's wake-up and drains again. */
  busy: Topic[];
  /** The newest millisecond of any Snowflake worker's ids, 0 when none is known. */
  clockFloor: number;
};

type Pipeline = ReturnType<Redis["pipeline"]>;

/**
 * Counts a wake-up of each topic and tries to lock it, for 30 s; one round trip for any number of topics. The wake-up
 * comes before the attempt: when the attempt fails, the owner releases after the wake-up and therefore sees it.
 */
export async function lockTopics(redis: Redis, topics: Topic[]): Promise<Locks> {
  const owner = crypto.randomUUID();
  const deadline = Date.now() + LOCK_MS;
  const pipeline = redis.pipeline();
  pipeline.hvals(redisKeys.snowflakeClock);
  pipeline.mget(...topics.map(redisKeys.nextOffset));
  for (const topic of topics) {
    pipeline.incr(redisKeys.wake(topic));
    pipeline.set(redisKeys.lock(topic), owner, lockFor(LOCK_MS));
  }
  const [clocks, offsets, ...replies] =
    await pipeline.exec<[string[] | null, (string | null)[], ...(number | string | null)[]]>();

  const locked: LockedTopic[] = [];
  const busy: Topic[] = [];
  for (const [index, topic] of topics.entries()) {
    const offset = offsets[index] ?? null;
    if (!hasLock(owner, replies[2 * index + 1])) busy.push(topic);
    else {
      const wake = Number(replies[2 * index]);
      locked.push({ topic, wake, nextOffset: offset === null ? null : Number(offset) });
    }
  }
  return { owner, deadline, locked, busy, clockFloor: Math.max(0, ...(clocks ?? []).map(Number)) };
}

/** Publishes a Snowflake worker's clock: the next owner of any lock reads it as its `clockFloor`. Part of a pipeline. */
export function publishClock(pipeline: Pipeline, workerId: number, lastMs: number): void {
  pipeline.hset(redisKeys.snowflakeClock, { [workerId]: lastMs });
}
