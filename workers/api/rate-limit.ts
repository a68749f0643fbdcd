import { Ratelimit } from "@upstash/ratelimit";
import { Problem } from "../../lib/problem.ts";
import type { RateLimit, RateLimitName } from "../../lib/rate-limits.ts";
import type { Redis } from "../../lib/redis.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import type { Api } from "./context.ts";

/** One use of a limit; `subject` is the user, session, account or address that it is counted for. */
export type Use = { limit: RateLimitName; subject: string };

type Pipeline = ReturnType<Redis["pipeline"]>;

/**
 * Counts a use of each limit in order and throws `rate_limited` at the first that is exceeded. The limits after it are not
 * counted, so that a request refused by one limit does not use up another: a round trip each.
 */
export async function spend({ redis, settings }: Api, ...uses: Use[]): Promise<void> {
  for (const { limit, subject } of uses) {
    const over = await count(limiter(redis, limit, settings[limit]), subject);
    if (over !== undefined) throw over;
  }
}

/**
 * Counts one use in the round trip of a pipeline: every request counts one, so it must not cost a further one. Returns the
 * replies to the pipeline's commands, and the problem of a use over the limit.
 */
export async function spendWithin(
  { redis, settings }: Api,
  { limit, subject }: Use,
  pipeline: Pipeline,
): Promise<{ replies: unknown[]; over: Problem | undefined }> {
  let replies: unknown[] = [];
  const evalsha = async (sha: string, keys: string[], args: unknown[]): Promise<unknown> => {
    pipeline.evalsha(sha, keys, args);
    const all = await pipeline.exec({ keepErrors: true });
    const counted = all.pop();
    for (const { error } of all) if (error !== undefined) throw new Error(error);
    replies = all.map(({ result }) => result);
    // One that Redis does not hold yet is sent by the limiter as a whole.
    if (counted?.error !== undefined) throw new Error(counted.error);
    return counted?.result;
  };
  const within: Redis = Object.assign(Object.create(redis), { evalsha });
  const over = await count(limiter(within, limit, settings[limit]), subject);
  return { replies, over };
}

/** The limiter of one limit: windows of a fixed length, so that `Retry-After` is exact. */
function limiter(redis: Redis, name: RateLimitName, { count: uses, seconds }: RateLimit): Ratelimit {
  return new Ratelimit({
    redis,
    prefix: redisKeys.rateLimit(name),
    limiter: Ratelimit.fixedWindow(uses, `${seconds} s`),
    // A cache in the isolate would grow with every address that was ever refused.
    ephemeralCache: false,
    // Without a count there is no limit, so a Redis that does not respond fails the request.
    timeout: 0,
    enableTelemetry: false,
  });
}

/** Counts a use; returns the problem of one over the limit. The client may retry when the next window begins. */
async function count(limit: Ratelimit, subject: string): Promise<Problem | undefined> {
  const { success, reset } = await limit.limit(subject);
  if (success) return undefined;
  return new Problem("rate_limited", { retryAfter: Math.max(1, Math.ceil((reset - Date.now()) / 1000)) });
}
