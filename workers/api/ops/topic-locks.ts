import { marksOf } from "../../../lib/mark.ts";
import type { Redis } from "../../../lib/redis.ts";
import { redisKeys } from "../../../lib/redis-keys.ts";
import type { Topic } from "../../../schema/internal/topic.ts";
import type { TopicLock } from "../../../schema/wire/operator.ts";

/** How many of the oldest marks are looked at. */
const MAX_MARKS = 1_000;

/** The topics of the oldest marks, each with the time of its oldest. One round trip. */
export async function topicsBehind(redis: Redis): Promise<Map<Topic, string>> {
  const marks = await redis.zrange<(string | number)[]>(redisKeys.behind, 0, MAX_MARKS - 1, {
    withScores: true,
  });
  const since = new Map<Topic, string>();
  for (const { topic, at } of marksOf(marks)) {
    if (!since.has(topic)) since.set(topic, new Date(at).toISOString());
  }
  return since;
}

/** The locks of those of some topics that are locked. One round trip. */
export async function readTopicLocks(redis: Redis, topics: readonly Topic[]): Promise<TopicLock[]> {
  if (topics.length === 0) return [];
  const pipeline = redis.pipeline();
  for (const topic of topics) {
    pipeline.get(redisKeys.lock(topic));
    pipeline.pttl(redisKeys.lock(topic));
    pipeline.get(redisKeys.wake(topic));
  }
  const replies = await pipeline.exec<(string | number | null)[]>();
  return topics.flatMap((topic, index): TopicLock[] => {
    const [owner, left, wakes] = replies.slice(3 * index, 3 * index + 3);
    // It may have been released between the two commands.
    if (typeof owner !== "string" || Number(left) < 0) return [];
    return [{ topic, owner, lapsesInMs: Number(left), wakes: Number(wakes ?? 0) }];
  });
}
