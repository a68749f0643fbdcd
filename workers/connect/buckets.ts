import { redisKeys } from "../../lib/redis-keys.ts";
import { pairsOf } from "../../lib/redis-pairs.ts";
import type { BucketStub } from "../../lib/rpc/bucket.ts";
import type { Registrations } from "../../lib/rpc/connect.ts";
import { within } from "../../lib/time-limit.ts";
import { BucketAddress, bucketAddress, bucketParts } from "../../schema/internal/bucket-address.ts";
import type { Connect } from "./context.ts";

/** A bucket that holds sockets, as it has registered itself. */
export type Instance = { serverId: string; bucket: number; sockets: number };

/** How many buckets register at a time, and how long one of them, and all of them, may take (milliseconds). */
const REGISTRATION_BOUNDS = { atATime: 32, bucketMs: 2_000, totalMs: 10_000 };

/** The object at an address, created near its server's location when there is none yet. */
export function bucketStub({ buckets, servers }: Connect, address: BucketAddress): BucketStub {
  const { serverId } = bucketParts(address);
  const locationHint = servers.find((server) => server.serverId === serverId)?.locationHint;
  return buckets.getByName(address, locationHint === undefined ? {} : { locationHint });
}

/** The buckets whose leases have not lapsed. One round trip. */
export async function registeredInstances({ redis }: Connect): Promise<Instance[]> {
  const pipeline = redis.pipeline();
  pipeline.zrange(redisKeys.bucketLeases, 0, -1, { withScores: true });
  pipeline.hgetall(redisKeys.bucketSockets);
  const [leases, sockets] = await pipeline.exec<[(string | number)[], string[] | null]>();
  return livingInstances(leases, sockets ?? [], Date.now());
}

/**
 * The instances whose leases have not lapsed. Both lists are flat, as Redis returns them: address, when its lease
 * lapses, address, …; and address, number of sockets, address, ….
 */
export function livingInstances(
  leases: readonly (string | number)[],
  sockets: readonly string[],
  now: number,
): Instance[] {
  const socketsOf = new Map(pairsOf(sockets));
  return pairsOf(leases).flatMap(([member, lapsesAt]) => {
    const address = BucketAddress.safeParse(member).data;
    if (address === undefined || Number(lapsesAt) < now) return [];
    return [{ ...bucketParts(address), sockets: Number(socketsOf.get(address) ?? 0) }];
  });
}

/** Has every bucket of every server register all that it holds; those that could not are logged and returned. */
export async function registerAll(connect: Connect): Promise<Registrations> {
  const addresses = connect.servers.flatMap(({ serverId }) =>
    Array.from({ length: connect.bucketsPerServer }, (_, bucket) => bucketAddress(serverId, bucket)),
  );
  const steps: RegistrationSteps = {
    register: (address) => bucketStub(connect, address).register(),
    failed: (address, fault) => connect.log.error("registration failed", fault, { address }),
  };
  return await registerEach(addresses, steps, REGISTRATION_BOUNDS);
}

/** What registering needs from outside. */
export type RegistrationSteps = {
  /** Has a bucket register; throws when the bucket cannot. */
  register(address: BucketAddress): Promise<void>;
  /** Called for each bucket that did not register in time. */
  failed(address: BucketAddress, fault: unknown): void;
};

/**
 * Has buckets register, `atATime` at a time. A bucket that fails, or does not return within its time, does not stop the
 * others; once the total time is over, those that are left count as failed.
 */
export async function registerEach(
  addresses: readonly BucketAddress[],
  steps: RegistrationSteps,
  bounds: { atATime: number; bucketMs: number; totalMs: number },
): Promise<Registrations> {
  const until = Date.now() + bounds.totalMs;
  const failed: BucketAddress[] = [];
  const queue = addresses.values();
  const registerNext = async () => {
    for (const address of queue) {
      try {
        await inTime(() => steps.register(address), Math.min(bounds.bucketMs, until - Date.now()));
      } catch (fault) {
        failed.push(address);
        steps.failed(address, fault);
      }
    }
  };
  await Promise.all(Array.from({ length: bounds.atATime }, registerNext));
  return { registered: addresses.length - failed.length, failed };
}

/** Makes a call if there is time for it; throws when it has not returned by then. */
async function inTime(call: () => Promise<void>, ms: number): Promise<void> {
  if (ms <= 0) throw new Error("no time was left");
  await within(ms, call());
}
