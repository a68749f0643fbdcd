import { createMiddleware } from "hono/factory";
import { type Caller, verifyAccessToken } from "../../lib/access-token.ts";
import { Problem } from "../../lib/problem.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import type { ApiHono } from "./context.ts";
import { countRequest, refuseOver } from "./rate-limit.ts";

/** What a route behind `authenticate` knows beside the rest: who is asking. */
type Authenticated = ApiHono & { Variables: { caller: Caller } };

/** Lets only the bearer of a good access token through, at a bearable rate. One round trip. */
export const authenticate = createMiddleware<Authenticated>(async (context, next) => {
  const { settings, redis } = context.var.api;
  const token = bearerToken(context.req.header("Authorization"));
  const caller = token === null ? null : await verifyAccessToken(settings.JWT_SECRET, token);
  if (caller === null) throw new Problem("unauthenticated");

  const pipeline = redis.pipeline();
  pipeline.get(redisKeys.endedSession(caller.sessionId));
  countRequest(pipeline, "api", caller.userId);
  const [ended, count] = await pipeline.exec<[string | null, number, number]>();
  if (ended !== null) throw new Problem("unauthenticated");
  refuseOver(settings.RATE_LIMIT_API, count);

  context.set("caller", caller);
  await next();
});

function bearerToken(header: string | undefined): string | null {
  return /^Bearer +([\w.~+/-]+=*) *$/i.exec(header ?? "")?.[1] ?? null;
}
