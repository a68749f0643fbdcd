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
  const [leases, sockets] = await pipeline.exec<[(string | number)[], Record<string, string> | null]>();
  return livingInstances(leases, sockets ?? {}, Date.now());
}

/** The instances of leases, as Redis lists them (address, when it lapses, address, …), that have not lapsed yet. */
export function livingInstances(
  leases: readonly (string | number)[],
  sockets: Readonly<Record<string, string>>,
  now: number,
): Instance[] {
  const instances: Instance[] = [];
  for (let index = 0; index + 1 < leases.length; index += 2) {
    const address = BucketAddress.safeParse(leases[index]).data;
    if (address === undefined || Number(leases[index + 1]) < now) continue;
    instances.push({ ...bucketParts(address), sockets: Number(sockets[address] ?? 0) });
  }
  return instances;
}
