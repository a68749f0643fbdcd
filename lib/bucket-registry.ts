import type { BucketAddress } from "../schema/internal/bucket-address.ts";
import type { StatusRecord } from "../schema/internal/status-record.ts";
import type { GroupId, UserId } from "../schema/wire/ids.ts";
import type { Redis } from "./redis.ts";
import { redisKeys } from "./redis-keys.ts";
import type { BucketMember } from "./rpc/logic.ts";

/** How long a bucket's registration lasts without being renewed. Buckets renew every 30 s. */
const LEASE_MS = 90_000;

type Pipeline = ReturnType<Redis["pipeline"]>;

/** Registers the routes of people, before their groups are known. One round trip. */
export async function registerUsers(redis: Redis, address: BucketAddress, userIds: UserId[]): Promise<void> {
  const pipeline = redis.pipeline();
  addUsers(pipeline, address, userIds);
  pipeline.zadd(redisKeys.bucketLeases, { nx: true }, { score: Date.now() + LEASE_MS, member: address });
  await pipeline.exec();
}

/** Registers the routes of people's groups, and queues a presence check of the people. One round trip. */
export async function registerGroups(
  redis: Redis,
  address: BucketAddress,
  members: BucketMember[],
): Promise<void> {
  const pipeline = redis.pipeline();
  addGroups(pipeline, address, members);
  queuePresenceCheck(
    pipeline,
    members.map((member) => member.userId),
  );
  await pipeline.exec();
}

/**
 * Removes the routes of people who have left the bucket, and of groups that have no member left in it. One round trip.
 */
export async function deregister(
  redis: Redis,
  address: BucketAddress,
  userIds: UserId[],
  groupIds: GroupId[],
): Promise<void> {
  const pipeline = redis.pipeline();
  removeUsers(pipeline, address, userIds);
  removeGroups(pipeline, address, groupIds);
  queuePresenceCheck(pipeline, userIds);
  await pipeline.exec();
}

/**
 * Renews a bucket's lease. Returns false when the bucket was not registered, or when a recovery missed it: the lease
 * alone does not prove a full registration, because an arrival after the recovery creates one too. One round trip.
 */
export async function renewLease(redis: Redis, address: BucketAddress, sockets: number): Promise<boolean> {
  const pipeline = redis.pipeline();
  pipeline.zscore(redisKeys.bucketLeases, address);
  pipeline.sismember(redisKeys.missedBuckets, address);
  addLease(pipeline, address, sockets);
  const [lease, missed] = await pipeline.exec<[string | number | null, number]>();
  return lease !== null && missed === 0;
}

/** Replaces a bucket's registration in Redis by what the bucket holds now. Two round trips. */
export async function registerBucket(
  redis: Redis,
  address: BucketAddress,
  members: BucketMember[],
  sockets: number,
): Promise<void> {
  const known = await readRegistration(redis, address);
  const heldUsers = new Set(members.map((member) => member.userId));
  const heldGroups = new Set(members.flatMap((member) => member.groupIds));
  const gone = known.userIds.filter((userId) => !heldUsers.has(userId));

  const pipeline = redis.pipeline();
  removeUsers(pipeline, address, gone);
  removeGroups(
    pipeline,
    address,
    known.groupIds.filter((groupId) => !heldGroups.has(groupId)),
  );
  addUsers(pipeline, address, [...heldUsers]);
  addGroups(pipeline, address, members);
  addLease(pipeline, address, sockets);
  pipeline.srem(redisKeys.missedBuckets, address);
  queuePresenceCheck(pipeline, [...gone, ...heldUsers]);
  await pipeline.exec();
}

/** Removes the registration of a bucket that has no sockets any more, or whose lease has lapsed. Two round trips. */
export async function forgetBucket(redis: Redis, address: BucketAddress): Promise<void> {
  const known = await readRegistration(redis, address);
  const pipeline = redis.pipeline();
  pipeline.zrem(redisKeys.bucketLeases, address);
  pipeline.hdel(redisKeys.bucketSockets, address);
  removeUsers(pipeline, address, known.userIds);
  removeGroups(pipeline, address, known.groupIds);
  queuePresenceCheck(pipeline, known.userIds);
  await pipeline.exec();
}

/** The buckets whose leases have lapsed. One round trip. */
export async function lapsedBuckets(redis: Redis): Promise<BucketAddress[]> {
  return await redis.zrange<BucketAddress[]>(redisKeys.bucketLeases, "-inf", Date.now(), { byScore: true });
}

async function readRegistration(
  redis: Redis,
  address: BucketAddress,
): Promise<{ userIds: UserId[]; groupIds: GroupId[] }> {
  const pipeline = redis.pipeline();
  pipeline.smembers(redisKeys.bucketUsers(address));
  pipeline.smembers(redisKeys.bucketGroups(address));
  const [userIds, groupIds] = await pipeline.exec<[UserId[], GroupId[]]>();
  return { userIds, groupIds };
}

function addLease(pipeline: Pipeline, address: BucketAddress, sockets: number): void {
  pipeline.zadd(redisKeys.bucketLeases, { score: Date.now() + LEASE_MS, member: address });
  pipeline.hset(redisKeys.bucketSockets, { [address]: sockets });
}

function addUsers(pipeline: Pipeline, address: BucketAddress, userIds: UserId[]): void {
  const [first, ...rest] = userIds;
  if (first === undefined) return;
  for (const userId of userIds) pipeline.sadd(redisKeys.userRoutes(userId), address);
  pipeline.sadd(redisKeys.bucketUsers(address), first, ...rest);
}

function removeUsers(pipeline: Pipeline, address: BucketAddress, userIds: UserId[]): void {
  if (userIds.length === 0) return;
  for (const userId of userIds) pipeline.srem(redisKeys.userRoutes(userId), address);
  pipeline.srem(redisKeys.bucketUsers(address), ...userIds);
}

function addGroups(pipeline: Pipeline, address: BucketAddress, members: BucketMember[]): void {
  const groupIds = [...new Set(members.flatMap((member) => member.groupIds))];
  const [first, ...rest] = groupIds;
  if (first === undefined) return;
  for (const groupId of groupIds) pipeline.sadd(redisKeys.groupRoutes(groupId), address);
  pipeline.sadd(redisKeys.bucketGroups(address), first, ...rest);
}

function removeGroups(pipeline: Pipeline, address: BucketAddress, groupIds: GroupId[]): void {
  if (groupIds.length === 0) return;
  for (const groupId of groupIds) pipeline.srem(redisKeys.groupRoutes(groupId), address);
  pipeline.srem(redisKeys.bucketGroups(address), ...groupIds);
}

/** Queues status records that make the status drain read these people's presence again. */
function queuePresenceCheck(pipeline: Pipeline, userIds: UserId[]): void {
  if (userIds.length === 0) return;
  const at = new Date().toISOString();
  const records = userIds.map((userId): StatusRecord => ({ kind: "presence", userId, at }));
  pipeline.rpush(redisKeys.status, ...records.map((record) => JSON.stringify(record)));
}
