import type { Redis } from "../../lib/redis.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import type { BucketDelivery } from "../../lib/rpc/connect.ts";
import type { BucketAddress } from "../../schema/internal/bucket-address.ts";
import type { Control, Recipients } from "../../schema/internal/recipients.ts";
import type { StatusRecord } from "../../schema/internal/status-record.ts";
import type { Topic } from "../../schema/internal/topic.ts";
import type { GroupId, UserId } from "../../schema/wire/ids.ts";
import type { ServerEvent } from "../../schema/wire/socket.ts";
import type { Applied } from "./apply.ts";

/** One thing to push, before it is known to which buckets; status has no topic that waits for it. */
export type Push = { topic: Topic | null; to: Recipients; events: string[]; control?: Control };

/** Where people and groups are connected. */
export type Routes = { users: Map<UserId, Set<BucketAddress>>; groups: Map<GroupId, Set<BucketAddress>> };

type Pipeline = ReturnType<Redis["pipeline"]>;

/**
 * What is to be pushed for applied records, in their order. Each event is serialised here, once; neighbours for the
 * same people share a frame.
 */
export function pushesOf(applied: Applied[]): Push[] {
  const pushes: Push[] = [];
  for (const { logged, effects } of applied) {
    for (const { to, event, control } of effects) {
      // Only a permission has changed: there is nothing to push.
      if (event === undefined && control === undefined) continue;
      const events = event === undefined ? [] : [serialise(event)];
      const previous = pushes.at(-1);
      if (control !== undefined) pushes.push({ topic: logged.topic, to, events, control });
      else if (previous !== undefined && canShareFrame(previous, logged.topic, to))
        previous.events.push(...events);
      else pushes.push({ topic: logged.topic, to, events });
    }
  }
  return pushes;
}

/** An event as it goes over the socket. */
export function serialise(event: ServerEvent): string {
  return JSON.stringify(event);
}

/**
 * Looks up the routes of everybody some pushes are for, in one round trip with whatever else `also` puts in front of
 * it. Null when Redis has come back empty: its epoch is gone, and with it the routes.
 */
export async function lookUpRoutes(
  redis: Redis,
  pushes: Push[],
  also: (pipeline: Pipeline) => void = () => {},
): Promise<Routes | null> {
  const userIds = [...new Set(pushes.flatMap(({ to }) => (to.kind === "users" ? to.userIds : [])))];
  const groupIds = [...new Set(pushes.flatMap(({ to }) => (to.kind === "group" ? [to.groupId] : [])))];
  const pipeline = redis.pipeline();
  also(pipeline);
  const skipped = pipeline.length();
  pipeline.get(redisKeys.epoch);
  for (const userId of userIds) pipeline.smembers(redisKeys.userRoutes(userId));
  for (const groupId of groupIds) pipeline.smembers(redisKeys.groupRoutes(groupId));
  const replies = await pipeline.exec<unknown[]>();
  const [epoch, ...sets] = replies.slice(skipped);
  if (epoch === null) return null;
  const addresses = sets.map((set) => new Set(set as BucketAddress[]));
  return {
    users: new Map(userIds.map((userId, index) => [userId, addresses[index] ?? new Set()])),
    groups: new Map(groupIds.map((id, index) => [id, addresses[userIds.length + index] ?? new Set()])),
  };
}

/**
 * A person who has joined a group is reached as its member from here on: the buckets that hold the person are added to
 * the group's routes, in Redis and in the routes of this drain, before the buckets link the person's channels and push
 * `group.joined`. One round trip, and none when nobody joined.
 */
export async function routeNewMembers(redis: Redis, pushes: Push[], routes: Routes): Promise<void> {
  const pipeline = redis.pipeline();
  for (const { control } of pushes) {
    if (control?.kind !== "link") continue;
    const { userId, groupId } = control;
    const groupRoutes = routes.groups.get(groupId) ?? new Set();
    routes.groups.set(groupId, groupRoutes);
    for (const address of routes.users.get(userId) ?? []) {
      groupRoutes.add(address);
      pipeline.sadd(redisKeys.groupRoutes(groupId), address);
      pipeline.sadd(redisKeys.bucketGroups(address), groupId);
    }
  }
  if (pipeline.length() > 0) await pipeline.exec();
}

/**
 * What of applied records has to be counted, for the status list: memberships that have changed, and groups that an event
 * has shown. Its count was read before the delivery, so it may be older than one that was pushed meanwhile.
 */
export function toBeCounted(applied: Applied[]): StatusRecord[] {
  const records: StatusRecord[] = [];
  const shown = new Set<GroupId>();
  for (const { control, event } of applied.flatMap(({ effects }) => effects)) {
    if (control !== undefined && control.kind !== "close") {
      records.push({ kind: "membership", userId: control.userId, groupId: control.groupId });
    }
    if (event?.ev === "group.joined" || event?.ev === "group.updated") shown.add(event.group.id);
  }
  return [...records, ...[...shown].map((groupId): StatusRecord => ({ kind: "count", groupId }))];
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

function canShareFrame(push: Push, topic: Topic, to: Recipients): boolean {
  return push.topic === topic && push.control === undefined && sameRecipients(push.to, to);
}

function sameRecipients(a: Recipients, b: Recipients): boolean {
  if (a.kind === "group") return b.kind === "group" && a.groupId === b.groupId;
  return (
    b.kind === "users" &&
    a.userIds.length === b.userIds.length &&
    a.userIds.every((userId, index) => userId === b.userIds[index])
  );
}
