import { OpenAPIHono } from "@hono/zod-openapi";
import { redisKeys } from "../../../lib/redis-keys.ts";
import { pairsOf } from "../../../lib/redis-pairs.ts";
import { within } from "../../../lib/time-limit.ts";
import { OperatorStatus } from "../../../schema/wire/operator.ts";
import type { Api } from "../context.ts";
import { json } from "../route.ts";
import { readHealth } from "../routes/health.ts";
import type { OperatorHono } from "./gate.ts";
import { operatorRoute } from "./route.ts";

/** How long a store may take: an operator looks when something is down. */
const TIMEOUT_MS = 2_000;
/** Up to how many rows are counted. */
const MAX_COUNT = 10_000;

/** The system at a glance. */
export const operatorStatus = new OpenAPIHono<OperatorHono>();

operatorStatus.openapi(
  operatorRoute({
    method: "get",
    path: "/status",
    responses: { 200: json(OperatorStatus, "Layers, leases and what waits") },
  }),
  async (context) => {
    const { api } = context.var;
    const [health, redis, database] = await Promise.all([
      readHealth(api, context.req.raw),
      unlessDown(api, readBacklog(api)),
      unlessDown(api, readStored(api)),
    ]);
    return context.json({ health, redis, database }, 200);
  },
);

/** Null when a store fails or takes too long, which is what the operator wants to see, and not an error. */
async function unlessDown<Value>(api: Api, work: Promise<Value>): Promise<Value | null> {
  try {
    return await within(TIMEOUT_MS, work);
  } catch (fault) {
    api.log.warn("a store did not respond to an operator", { error: String(fault) });
    return null;
  }
}

/** What Redis knows: two round trips. */
async function readBacklog({ redis }: Api): Promise<OperatorStatus["redis"]> {
  const pipeline = redis.pipeline();
  pipeline.exists(redisKeys.epoch);
  pipeline.exists(redisKeys.recovery);
  pipeline.zcard(redisKeys.behind);
  pipeline.zrange(redisKeys.behind, 0, 0, { withScores: true });
  pipeline.llen(redisKeys.status);
  pipeline.hgetall(redisKeys.snowflakeClock);
  pipeline.zcard(redisKeys.bucketLeases);
  pipeline.hvals(redisKeys.bucketSockets);
  const [whole, recovering, marks, [, oldest], status, clocks, buckets, sockets] =
    await pipeline.exec<
      [number, number, number, (string | number)[], number, string[] | null, number, string[] | null]
    >();
  return {
    whole: whole === 1,
    recovering: recovering === 1,
    marks,
    oldestMarkAt: oldest === undefined ? null : timeOf(oldest),
    status,
    workers: await readWorkers(redis, clocks ?? []),
    buckets,
    sockets: (sockets ?? []).reduce((sum, count) => sum + Number(count), 0),
  };
}

/** The Snowflake workers with a clock; `clocks` are ids and milliseconds, in a flat list. */
async function readWorkers(redis: Api["redis"], clocks: string[]) {
  const workers = pairsOf(clocks).map(([id, ms]) => ({ workerId: Number(id), newestAt: timeOf(ms) }));
  if (workers.length === 0) return [];
  const pipeline = redis.pipeline();
  for (const { workerId } of workers) pipeline.pttl(redisKeys.snowflakeWorker(workerId));
  const leases = await pipeline.exec<number[]>();
  return workers
    .map((worker, index) => {
      const left = leases[index] ?? -1;
      return { ...worker, leaseMs: left < 0 ? null : left };
    })
    .toSorted((a, b) => a.workerId - b.workerId);
}

async function readStored({ database }: Api): Promise<OperatorStatus["database"]> {
  const [row] = await database.$client.query(
    `SELECT (SELECT count(*) FROM (SELECT 1 FROM pending_facts LIMIT ${MAX_COUNT}) AS facts)::int AS facts,
            (SELECT count(*) FROM (SELECT 1 FROM dead_letters LIMIT ${MAX_COUNT}) AS letters)::int AS letters`,
  );
  return { pendingFacts: Number(row?.facts), deadLetters: Number(row?.letters) };
}

function timeOf(ms: unknown): string {
  return new Date(Number(ms)).toISOString();
}
