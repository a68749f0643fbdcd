import { createMiddleware } from "hono/factory";
import { type Caller, verifyAccessToken } from "../../lib/access-token.ts";
import { Problem } from "../../lib/problem.ts";
import type { RateLimitName } from "../../lib/rate-limits.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import type { ApiHono } from "./context.ts";
import { countUse, refuseOver } from "./rate-limit.ts";

/** Behind `authenticate`, a route also has the caller. */
type Authenticated = ApiHono & { Variables: { caller: Caller } };

/** Requires a valid access token of a live session, and counts the request against the user's limit. One round trip. */
export function authenticate(limitName: RateLimitName) {
  return createMiddleware<Authenticated>(async (context, next) => {
    const { settings, redis } = context.var.api;
    const token = bearerToken(context.req.header("Authorization"));
    const caller = token === null ? null : await verifyAccessToken(context.var.api.jwtSecrets, token);
    if (caller === null) throw new Problem("unauthenticated");

    const limit = settings[limitName];
    const pipeline = redis.pipeline();
    pipeline.get(redisKeys.endedSession(caller.sessionId));
    countUse(pipeline, limit, { limit: limitName, subject: caller.userId });
    const [ended, count] = await pipeline.exec<[string | null, number, number]>();
    if (ended !== null) throw new Problem("unauthenticated");
    refuseOver(limit, count);

    context.set("caller", caller);
    await next();
  });
}

function bearerToken(header: string | undefined): string | null {
  return /^Bearer +([\w.~+/-]+=*) *$/i.exec(header ?? "")?.[1] ?? null;
}
