import { createMiddleware } from "hono/factory";
import { type Caller, verifyAccessToken } from "../../lib/access-token.ts";
import { Problem } from "../../lib/problem.ts";
import type { RateLimitName } from "../../lib/rate-limits.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import type { ApiHono } from "./context.ts";
import { spendWithin } from "./rate-limit.ts";

/** Behind `authenticate`, a route also has the caller. */
type Authenticated = ApiHono & { Variables: { caller: Caller } };

/** Requires a valid access token of a live session, and counts the request against the user's limit. One round trip. */
export function authenticate(limitName: RateLimitName) {
  return createMiddleware<Authenticated>(async (context, next) => {
    const { api } = context.var;
    const token = bearerToken(context.req.header("Authorization"));
    const caller = token === null ? null : await verifyAccessToken(api.jwtSecrets, token);
    if (caller === null) throw new Problem("unauthenticated");

    const pipeline = api.redis.pipeline();
    pipeline.get(redisKeys.endedSession(caller.sessionId));
    const { replies, over } = await spendWithin(api, { limit: limitName, subject: caller.userId }, pipeline);
    if (replies[0] !== null) throw new Problem("unauthenticated");
    if (over !== undefined) throw over;

    context.set("caller", caller);
    await next();
  });
}

/** The token of an `Authorization` header, or null. */
export function bearerToken(header: string | undefined): string | null {
  return /^Bearer +([\w.~+/-]+=*) *$/i.exec(header ?? "")?.[1] ?? null;
}
