import type { Redis } from "../../lib/redis.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import type { BucketDelivery } from "../../lib/rpc/connect.ts";
import type { BucketAddress } from "../../schema/internal/bucket-address.ts";
import type { Recipients } from "../../schema/internal/recipients.ts";
import type { Topic } from "../../schema/internal/topic.ts";
import type { GroupId, UserId } from "../../schema/wire/ids.ts";
import type { Push } from "./outline.ts";

/** Where people and groups are connected. */
export type Routes = { users: Map<UserId, Set<BucketAddress>>; groups: Map<GroupId, Set<BucketAddress>> };

type Pipeline = ReturnType<Redis["pipeline"]>;

/**
 * Looks up the routes of everybody some pushes are for, in one round trip with whatever else `also` puts in front of
 * it. Null when Redis has come back empty: its epoch is gone, and with it the routes.
 */
export async function lookUpRoutes(
  redis: Redis,
  recipients: Recipients[],
  also: (pipeline: Pipeline) => void = () => {},
): Promise<Routes | null> {
  const userIds = [...new Set(recipients.flatMap((to) => (to.kind === "users" ? to.userIds : [])))];
  const groupIds = [...new Set(recipients.flatMap((to) => (to.kind === "group" ? [to.groupId] : [])))];
  const pipeline = redis.pipeline();
  also(pipeline);
  const skipped = pipeline.length();
  pipeline.get(redisKeys.epoch);
  for (const userId of userIds) pipeline.smembers(redisKeys.userRoutes(userId));
  for (const groupId of groupIds) pipeline.smembers(redisKeys.groupRoutes(groupId));
  const answers = await pipeline.exec<unknown[]>();
  const [epoch, ...sets] = answers.slice(skipped);
  if (epoch === null) return null;
  const addresses = sets.map((set) => new Set(set as BucketAddress[]));
  return {
    users: new Map(userIds.map((userId, index) => [userId, addresses[index] ?? new Set()])),
    groups: new Map(groupIds.map((id, index) => [id, addresses[userIds.length + index] ?? new Set()])),
  };
}

/** Sorts pushes by bucket: each bucket gets only what concerns it, in order, and the topics that wait for it. */
export function sortByBucket(pushes: Push[], routes: Routes): BucketDelivery[] {
  const deliveries = new Map<BucketAddress, BucketDelivery & { waiting: Set<Topic> }>();
  for (const { topic, to, events, control } of pushes) {
    for (const [address, recipients] of recipientsByBucket(to, routes)) {
      let delivery = deliveries.get(address);
      if (delivery === undefined) {
        delivery = { address, items: [], topics: [], waiting: new Set() };
        deliveries.set(address, delivery);
      }
      delivery.items.push(
        control === undefined ? { to: recipients, events } : { to: recipients, events, control },
      );
      if (topic !== null) delivery.waiting.add(topic);
    }
  }
  return [...deliveries.values()].map(({ address, items, waiting }) => ({
    address,
    items,
    topics: [...waiting],
  }));
}

function recipientsByBucket(to: Recipients, routes: Routes): Map<BucketAddress, Recipients> {
  if (to.kind === "group") {
    return new Map([...(routes.groups.get(to.groupId) ?? [])].map((address) => [address, to]));
  }
  const byBucket = new Map<BucketAddress, UserId[]>();
  for (const userId of to.userIds) {
    for (const address of routes.users.get(userId) ?? []) {
      const known = byBucket.get(address);
      if (known === undefined) byBucket.set(address, [userId]);
      else known.push(userId);
    }
  }
  return new Map([...byBucket].map(([address, userIds]) => [address, { kind: "users", userIds }]));
}
