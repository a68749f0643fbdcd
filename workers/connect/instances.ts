import { redisKeys } from "../../lib/redis-keys.ts";
import { BucketAddress, bucketParts } from "../../schema/internal/bucket-address.ts";
import type { Connect } from "./context.ts";

/** A bucket that holds sockets, as it has registered itself. */
export type Instance = { serverId: string; bucket: number; sockets: number };

/** The buckets whose leases have not lapsed. One round trip. */
export async function registeredInstances({ redis }: Connect): Promise<Instance[]> {
  const pipeline = redis.pipeline();
  pipeline.zrange(redisKeys.bucketLeases, 0, -1, { withScores: true });
  pipeline.hgetall(redisKeys.bucketSockets);
  const [leases, sockets] = await pipeline.exec<[(string | number)[], string[] | null]>();
  return livingInstances(leases, sockets ?? [], Date.now());
}

/**
 * The instances of leases that have not lapsed yet. Both lists are flat, as Redis gives them: address, when its lease
 * lapses, address, …; and address, number of sockets, address, ….
 */
export function livingInstances(
  leases: readonly (string | number)[],
  sockets: readonly string[],
  now: number,
): Instance[] {
  const socketsOf = new Map(pairs(sockets));
  return pairs(leases).flatMap(([member, lapsesAt]) => {
    const address = BucketAddress.safeParse(member).data;
    if (address === undefined || Number(lapsesAt) < now) return [];
    return [{ ...bucketParts(address), sockets: Number(socketsOf.get(address) ?? 0) }];
  });
}

function pairs<Item>(flat: readonly Item[]): [Item, Item][] {
  const found: [Item, Item][] = [];
  for (const [index, value] of flat.entries()) {
    const key = flat[index - 1];
    if (index % 2 === 1 && key !== undefined) found.push([key, value]);
  }
  return found;
}
