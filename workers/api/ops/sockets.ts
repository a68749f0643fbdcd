import { OpenAPIHono } from "@hono/zod-openapi";
import { redisKeys } from "../../../lib/redis-keys.ts";
import { pairsOf } from "../../../lib/redis-pairs.ts";
import { BucketAddress, bucketParts } from "../../../schema/internal/bucket-address.ts";
import { type BucketSockets, SocketList } from "../../../schema/wire/operator.ts";
import type { Api } from "../context.ts";
import { json } from "../route.ts";
import type { OperatorHono } from "./gate.ts";
import { operatorRoute } from "./route.ts";

/** Where the sockets are. */
export const operatorSockets = new OpenAPIHono<OperatorHono>();

operatorSockets.openapi(
  operatorRoute({
    method: "get",
    path: "/sockets",
    responses: { 200: json(SocketList, "The buckets that have registered") },
  }),
  async (context) => {
    const buckets = await readBuckets(context.var.api);
    return context.json({ buckets, sockets: buckets.reduce((sum, { sockets }) => sum + sockets, 0) }, 200);
  },
);

/** What the buckets have registered, by server and number. Two round trips. */
async function readBuckets({ redis }: Api): Promise<BucketSockets[]> {
  const known = redis.pipeline();
  known.zrange(redisKeys.bucketLeases, 0, -1, { withScores: true });
  known.hgetall(redisKeys.bucketSockets);
  known.smembers(redisKeys.missedBuckets);
  const [leases, sockets, missed] =
    await known.exec<[(string | number)[], (string | number)[] | null, string[]]>();
  const socketsOf = new Map(pairsOf(sockets ?? []));
  const addresses = pairsOf(leases).flatMap(([member, lapsesAt]) => {
    const address = BucketAddress.safeParse(member).data;
    return address === undefined ? [] : [{ address, lapsesAt: Number(lapsesAt) }];
  });
  if (addresses.length === 0) return [];
  const sizes = redis.pipeline();
  for (const { address } of addresses) {
    sizes.scard(redisKeys.bucketUsers(address));
    sizes.scard(redisKeys.bucketGroups(address));
  }
  const counts = await sizes.exec<number[]>();
  return addresses
    .map(({ address, lapsesAt }, index) => ({
      address,
      sockets: Number(socketsOf.get(address) ?? 0),
      people: counts[2 * index] ?? 0,
      groups: counts[2 * index + 1] ?? 0,
      leaseLapsesAt: new Date(lapsesAt).toISOString(),
      missed: missed.includes(address),
    }))
    .toSorted((a, b) => inOrder(bucketParts(a.address), bucketParts(b.address)));
}

type Parts = ReturnType<typeof bucketParts>;

function inOrder(a: Parts, b: Parts): number {
  return a.serverId.localeCompare(b.serverId) || a.bucket - b.bucket;
}
