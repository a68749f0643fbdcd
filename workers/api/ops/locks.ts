import { OpenAPIHono } from "@hono/zod-openapi";
import { redisKeys } from "../../../lib/redis-keys.ts";
import { LockList } from "../../../schema/wire/operator.ts";
import type { Api } from "../context.ts";
import { json } from "../route.ts";
import type { OperatorHono } from "./gate.ts";
import { operatorRoute } from "./route.ts";
import { readTopicLocks, topicsBehind } from "./topic-locks.ts";

/** The locks that are not those of topics, by what they are for. */
const SYSTEM_LOCKS = { recovery: redisKeys.recovery, status: redisKeys.statusLock };

/** Who has locked what. */
export const operatorLocks = new OpenAPIHono<OperatorHono>();

operatorLocks.openapi(
  operatorRoute({
    method: "get",
    path: "/locks",
    responses: { 200: json(LockList, "The locks that are held") },
  }),
  async (context) => {
    const { api } = context.var;
    const [system, topics] = await Promise.all([readSystemLocks(api), lockedTopics(api)]);
    return context.json({ system, topics }, 200);
  },
);

/** A drain locks what was marked before, so the locked topics are among the marked ones. */
async function lockedTopics({ redis }: Api): Promise<LockList["topics"]> {
  return await readTopicLocks(redis, [...(await topicsBehind(redis)).keys()]);
}

async function readSystemLocks({ redis }: Api): Promise<LockList["system"]> {
  const pipeline = redis.pipeline();
  for (const key of Object.values(SYSTEM_LOCKS)) {
    pipeline.get(key);
    pipeline.pttl(key);
  }
  const replies = await pipeline.exec<(string | number | null)[]>();
  return Object.keys(SYSTEM_LOCKS).flatMap((name, index) => {
    const [owner, left] = replies.slice(2 * index, 2 * index + 2);
    if (typeof owner !== "string" || Number(left) < 0) return [];
    return [{ name, owner, lapsesInMs: Number(left) }];
  });
}
