import { Problem } from "../../lib/problem.ts";
import type { RateLimit, RateLimitName } from "../../lib/rate-limits.ts";
import type { Redis } from "../../lib/redis.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import type { Api } from "./context.ts";

/** One use of a limit, by whom it is counted for. */
export type Use = { limit: RateLimitName; subject: string };

/** By a limit's key, its count and its seconds: counts a use of each until one is over its limit; returns which, or 0. */
const SCRIPT = `
for i, key in ipairs(KEYS) do
  local used = redis.call("INCR", key)
  redis.call("EXPIRE", key, ARGV[2 * i])
  if used > tonumber(ARGV[2 * i - 1]) then return i end
end
return 0
`;

/**
 * Counts a use of each limit, in order, and throws `rate_limited` at the first that is over: those behind it are not
 * counted then, so that what one limit refuses uses up no other. One round trip, atomic.
 */
export async function spend({ redis, settings }: Api, ...uses: Use[]): Promise<void> {
  const keys = uses.map((use) => keyOf(settings[use.limit], use));
  const args = uses.flatMap(({ limit }) => [settings[limit].count, settings[limit].seconds]);
  const over = uses[Number(await redis.eval(SCRIPT, keys, args)) - 1];
  if (over !== undefined) throw rateLimited(settings[over.limit]);
}

/**
 * Counts a use of a single limit in somebody's pipeline: two commands, the first of which returns the count. Every
 * request comes by here, so it goes without a script.
 */
export function countUse(pipeline: ReturnType<Redis["pipeline"]>, limit: RateLimit, use: Use): void {
  const key = keyOf(limit, use);
  pipeline.incr(key);
  pipeline.expire(key, limit.seconds);
}

/** Throws `rate_limited` when a limit has been used more often than it allows. */
export function refuseOver(limit: RateLimit, count: number): void {
  if (count > limit.count) throw rateLimited(limit);
}

/** The window is part of the key, so the expiry only cleans up: it may be set again with every use. */
function keyOf({ seconds }: RateLimit, { limit, subject }: Use): string {
  return redisKeys.rateLimit(limit, subject, Math.floor(Date.now() / 1000 / seconds));
}

/** The next window begins then. */
function rateLimited({ seconds }: RateLimit): Problem {
  return new Problem("rate_limited", { retryAfter: seconds - (Math.floor(Date.now() / 1000) % seconds) });
}
