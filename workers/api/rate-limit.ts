import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { Problem } from "../../lib/problem.ts";
import type { Redis } from "../../lib/redis.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import type { ApiHono } from "./context.ts";

const WINDOW_SECONDS = 60;

/** Counts a request of somebody in the current minute: two commands, the first of which answers the count. */
export function countRequest(pipeline: ReturnType<Redis["pipeline"]>, name: string, subject: string): void {
  const key = redisKeys.rateLimit(name, subject, Math.floor(Date.now() / 1000 / WINDOW_SECONDS));
  pipeline.incr(key);
  pipeline.expire(key, WINDOW_SECONDS * 2);
}

/** Refuses what is over the limit until the minute is over. */
export function refuseOver(limit: number, count: number): void {
  if (count <= limit) return;
  const retryAfter = WINDOW_SECONDS - (Math.floor(Date.now() / 1000) % WINDOW_SECONDS);
  throw new Problem("too_many_requests", { retryAfter });
}

/** For routes that try passwords or make accounts: limits them per client address. One round trip. */
export const limitByAddress = createMiddleware<ApiHono>(async (context, next) => {
  const { redis, settings } = context.var.api;
  const pipeline = redis.pipeline();
  countRequest(pipeline, "auth", clientAddress(context));
  const [count] = await pipeline.exec<[number, number]>();
  refuseOver(settings.RATE_LIMIT_AUTH, count);
  await next();
});

/** Cloudflare says where a request comes from; nothing that the client sends can change it. */
function clientAddress(context: Context): string {
  return context.req.header("CF-Connecting-IP") ?? "unknown";
}
