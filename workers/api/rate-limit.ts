import { Problem } from "../../lib/problem.ts";
import type { RateLimit, RateLimitName } from "../../lib/rate-limits.ts";
import type { Redis } from "../../lib/redis.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import type { Api } from "./context.ts";

/** One use of a limit; `subject` is the user, session, account or address that it is counted for. */
export type Use = { limit: RateLimitName; subject: string };

/**
 * KEYS: a key for each limit. ARGV: count and seconds for each. Counts a use of each limit in order, up to the first that
 * is exceeded; returns its index from 1, or 0.
 */
const SCRIPT = `
for i, key in ipairs(KEYS) do
  local used = redis.call("INCR", key)
  redis.call("EXPIRE", key, ARGV[2 * i])
  if used > tonumber(ARGV[2 * i - 1]) then return i end
end
return 0
`;

/**
 * Counts a use of each limit in order and throws `rate_limited` at the first that is exceeded. The limits after it are not
 * counted, so that a request refused by one limit does not use up another. One round trip, atomic.
 */
export async function spend({ redis, settings }: Api, ...uses: Use[]): Promise<void> {
  const keys = uses.map((use) => keyOf(settings[use.limit], use));
  const args = uses.flatMap(({ limit }) => [settings[limit].count, settings[limit].seconds]);
  const over = uses[Number(await redis.eval(SCRIPT, keys, args)) - 1];
  if (over !== undefined) throw rateLimited(settings[over.limit]);
}

/**
 * Adds the counting of one use to a pipeline: two commands, the first of which returns the count. Runs for every request,
 * so it uses no script.
 */
export function countUse(pipeline: ReturnType<Redis["pipeline"]>, limit: RateLimit, use: Use): void {
  const key = keyOf(limit, use);
  pipeline.incr(key);
  pipeline.expire(key, limit.seconds);
}

/** Throws `rate_limited` when the count exceeds the limit. */
export function refuseOver(limit: RateLimit, count: number): void {
  if (count > limit.count) throw rateLimited(limit);
}

/** The key contains the window, so the expiry only cleans up and may be extended by every use. */
function keyOf({ seconds }: RateLimit, { limit, subject }: Use): string {
  return redisKeys.rateLimit(limit, subject, Math.floor(Date.now() / 1000 / seconds));
}

/** The client may retry when the next window begins. */
function rateLimited({ seconds }: RateLimit): Problem {
  return new Problem("rate_limited", { retryAfter: seconds - (Math.floor(Date.now() / 1000) % seconds) });
}
