import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { deregister, registerGroups, registerUsers } from "../../lib/bucket-registry.ts";
import { presenceOf } from "../../lib/presence.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import { type BucketAddress, bucketAddress } from "../../schema/internal/bucket-address.ts";
import type { StatusRecord } from "../../schema/internal/status-record.ts";
import { groupConversation } from "../../schema/wire/conversation-id.ts";
import { GroupId, type UserId } from "../../schema/wire/ids.ts";
import type { ServerEvent } from "../../schema/wire/socket.ts";
import { personOf, type Spine, startSpine } from "./spine.fixture.ts";
import { drainStatus } from "./status.ts";

const NORTH = bucketAddress("north", 0);
const SOUTH = bucketAddress("south", 0);

let spine: Spine;
let lastGroup = 9_000_000;
const groups: GroupId[] = [];

beforeAll(async () => {
  spine = await startSpine();
}, 30_000);

afterAll(() => spine.close());

beforeEach(async () => {
  await spine.task.redis.flushdb();
  await spine.task.redis.set(redisKeys.epoch, "1");
  spine.deliveries.length = 0;
});

describe("a group's people online", () => {
  test("are those who have come, and not those who have gone", async () => {
    const { ada, ben, group } = await friendsInGroup();
    await come(ben, SOUTH, [group]);
    expect(await counted(group)).toBe(1);
    await come(ada, NORTH, [group]);
    expect(await counted(group)).toBe(2);
    await go(ada, NORTH);
    expect(await counted(group)).toBe(1);
    expect(countsHeard(group)).toEqual([1, 2, 1]);
  });

  test("change when somebody who is online joins or leaves", async () => {
    const { ada, ben, group } = await friendsInGroup();
    const other = await openGroup([ben]);
    await come(ben, SOUTH, [group, other]);
    await come(ada, NORTH, [group]);
    await join(ada, other);
    expect(await counted(other)).toBe(2);
    await leave(ada, other);
    expect(await counted(other)).toBe(1);
    expect(countsHeard(other)).toEqual([1, 2, 1]);
    expect(await counted(group)).toBe(2);
  });

  test("change when somebody leaves and goes in one batch", async () => {
    const { ada, ben, group } = await friendsInGroup();
    await come(ben, SOUTH, [group]);
    await come(ada, NORTH, [group]);
    await removeMember(ada, group);
    await deregister(spine.task.redis, NORTH, [ada], [group]);
    await push(membership(ada, group));
    await drainASecondLater();
    expect(await counted(group)).toBe(1);
    expect(countsHeard(group)).toEqual([1, 2, 1]);
  });

  test("do not count somebody who joins while away, until they come", async () => {
    const { ada, ben } = await friendsInGroup();
    const group = await openGroup([ben]);
    await come(ben, SOUTH, [group]);
    await join(ada, group);
    expect(countsHeard(group)).toEqual([1]);
    await come(ada, NORTH, [group]);
    expect(countsHeard(group)).toEqual([1, 2]);
  });
});

describe("somebody in two buckets", () => {
  test("comes once, counts once, and has gone when both are gone", async () => {
    const { ada, ben, group } = await friendsInGroup();
    await come(ben, SOUTH, [group]);
    await come(ada, NORTH, [group]);
    await come(ada, SOUTH, [group]);
    expect(await counted(group)).toBe(2);
    await go(ada, NORTH);
    expect(await isOnline(ada)).toBe(true);
    expect(await lastSeenOf(ada)).toBeNull();
    await go(ada, SOUTH);
    expect(await isOnline(ada)).toBe(false);
    expect(presencesHeard(ada)).toEqual([true, false]);
    expect(countsHeard(group)).toEqual([1, 2, 1]);
  });
});

describe("when somebody was last seen", () => {
  test("is stored when they go, as their friends hear it", async () => {
    const { ada, ben, group } = await friendsInGroup();
    await come(ben, SOUTH, [group]);
    await come(ada, NORTH, [group]);
    expect(await lastSeenOf(ada)).toBeNull();
    await go(ada, NORTH);
    const told = heard().findLast((event) => event.ev === "presence" && event.userId === ada);
    const stored = await lastSeenOf(ada);
    expect(stored).not.toBeNull();
    expect(told).toMatchObject({ online: false, lastSeenAt: stored });
    expect(await lastSeenOf(ben)).toBeNull();
  });
});

describe("a repeated or late record", () => {
  test("of a coming or a going changes nothing", async () => {
    const { ada, ben, group } = await friendsInGroup();
    await come(ben, SOUTH, [group]);
    await come(ada, NORTH, [group]);
    await settlesAs(presence(ada), presence(ada));
    await go(ada, NORTH);
    const seen = await lastSeenOf(ada);
    await settlesAs(presence(ada), presence(ada));
    expect(await lastSeenOf(ada)).toBe(seen);
    expect(await isOnline(ada)).toBe(false);
    expect(await counted(group)).toBe(1);
  });

  test("of a membership changes nothing", async () => {
    const { ada, ben, group } = await friendsInGroup();
    await come(ben, SOUTH, [group]);
    await come(ada, NORTH, [group]);
    const late = membership(ada, group);
    await settlesAs(late, late);
    expect(await counted(group)).toBe(2);
    await leave(ada, group);
    await settlesAs(late, late);
    expect(await counted(group)).toBe(1);
  });
});

test("200 people who come, go, join and leave cost the round trips of one", async () => {
  const costs = [];
  for (const count of [1, 200]) {
    const people = await somePeople(count);
    const [group, other] = [await openGroup(people), await openGroup([])];
    const came = await roundTripsOf(async () => {
      await registerUsers(spine.task.redis, NORTH, people);
      await registerGroups(
        spine.task.redis,
        NORTH,
        people.map((userId) => ({ userId, groupIds: [group] })),
      );
      await drainStatus(spine.task);
    });
    expect(await counted(group)).toBe(count);

    await addMembers(people, other);
    await aSecondPasses();
    const joined = await roundTripsOf(async () => {
      await push(...people.map((userId) => membership(userId, other)));
      await drainStatus(spine.task);
    });
    expect(await counted(other)).toBe(count);

    await aSecondPasses();
    const went = await roundTripsOf(async () => {
      await deregister(spine.task.redis, NORTH, people, [group]);
      await drainStatus(spine.task);
    });
    expect([await counted(group), await counted(other)]).toEqual([0, 0]);
    costs.push({ came, joined, went });
  }
  expect(costs[1]).toEqual(costs[0]);
});

/** Two friends, and a group that both are in. */
async function friendsInGroup(): Promise<{ ada: UserId; ben: UserId; group: GroupId }> {
  const [conversation] = await spine.pairs(1);
  if (conversation === undefined) throw new Error("no pair");
  const [ada, ben] = [personOf(conversation, 0), personOf(conversation, 1)];
  return { ada, ben, group: await openGroup([ada, ben]) };
}

/** So many people who are not friends of one another. */
async function somePeople(count: number): Promise<UserId[]> {
  return (await spine.pairs(count)).map((conversation) => personOf(conversation, 0));
}

async function openGroup(userIds: UserId[]): Promise<GroupId> {
  lastGroup += 1;
  const group = GroupId.parse(String(lastGroup));
  groups.push(group);
  const sql = spine.task.database.$client;
  await sql.transaction([
    sql.query(
      "INSERT INTO groups (id, name, name_folded, join_policy) VALUES ($1::bigint, 'Club', 'club', 'open')",
      [group],
    ),
    sql.query("INSERT INTO conversations (id) VALUES ($1)", [groupConversation(group)]),
  ]);
  await addMembers(userIds, group);
  return group;
}

async function addMembers(userIds: UserId[], group: GroupId): Promise<void> {
  await spine.task.database.$client.query(
    "INSERT INTO members (conversation, user_id, role) SELECT $1, unnest($2::bigint[]), 'member'",
    [groupConversation(group), userIds],
  );
}

async function removeMember(userId: UserId, group: GroupId): Promise<void> {
  await spine.task.database.$client.query(
    "DELETE FROM members WHERE conversation = $1 AND user_id = $2::bigint",
    [groupConversation(group), userId],
  );
}

/** Somebody joins a group, and the drain of its topic has pushed the record of it. */
async function join(userId: UserId, group: GroupId): Promise<void> {
  await addMembers([userId], group);
  await push(membership(userId, group));
  await drainASecondLater();
}

async function leave(userId: UserId, group: GroupId): Promise<void> {
  await removeMember(userId, group);
  await push(membership(userId, group));
  await drainASecondLater();
}

/** No group's count was pushed in the last second any more. */
async function aSecondPasses(): Promise<void> {
  if (groups.length > 0) await spine.task.redis.del(...groups.map(redisKeys.countPushed));
}

async function drainASecondLater(): Promise<void> {
  await aSecondPasses();
  await drainStatus(spine.task);
}

/** Somebody's first socket in a bucket has opened, as logic registers it. */
async function come(userId: UserId, address: BucketAddress, groupIds: GroupId[]): Promise<void> {
  await registerUsers(spine.task.redis, address, [userId]);
  await registerGroups(spine.task.redis, address, [{ userId, groupIds }]);
  await drainASecondLater();
}

/** Somebody's last socket in a bucket has been gone for the grace time. */
async function go(userId: UserId, address: BucketAddress): Promise<void> {
  await deregister(spine.task.redis, address, [userId], []);
  await drainASecondLater();
}

/** Drains these records and expects that nobody hears anything of them. */
async function settlesAs(...records: StatusRecord[]): Promise<void> {
  const before = heard();
  await push(...records);
  await drainStatus(spine.task);
  expect(heard()).toEqual(before);
}

function presence(userId: UserId): StatusRecord {
  return { kind: "presence", userId, at: new Date().toISOString() };
}

function membership(userId: UserId, groupId: GroupId): StatusRecord {
  return { kind: "membership", userId, groupId };
}

async function push(...records: StatusRecord[]): Promise<void> {
  const [first = "", ...rest] = records.map((record) => JSON.stringify(record));
  await spine.task.redis.rpush(redisKeys.status, first, ...rest);
}

async function isOnline(userId: UserId): Promise<boolean> {
  return (await presenceOf(spine.task.redis, [userId], [])).users.has(userId);
}

async function counted(group: GroupId): Promise<number | undefined> {
  return (await presenceOf(spine.task.redis, [], [group])).counts.get(group);
}

async function lastSeenOf(userId: UserId): Promise<string | null> {
  const [row] = await spine.task.database.$client.query(
    "SELECT last_seen_at FROM users WHERE id = $1::bigint",
    [userId],
  );
  const at: unknown = row?.last_seen_at;
  return at === null || at === undefined ? null : new Date(String(at)).toISOString();
}

async function roundTripsOf(work: () => Promise<void>) {
  const before = await spine.roundTrips();
  await work();
  const after = await spine.roundTrips();
  return {
    kafka: after.kafka - before.kafka,
    redis: after.redis - before.redis,
    postgres: after.postgres - before.postgres,
  };
}

/** The events that the buckets got, each once for every bucket that got it. */
function heard(): ServerEvent[] {
  return spine.deliveries
    .flatMap(({ buckets }) => buckets.flatMap(({ items }) => items.flatMap(({ events }) => events)))
    .map((event): ServerEvent => JSON.parse(event));
}

/** What one bucket, where somebody stays, got to know of a group's count. */
function countsHeard(group: GroupId): number[] {
  return heardAt(SOUTH).flatMap((event) =>
    event.ev === "group.online" && event.groupId === group ? [event.count] : [],
  );
}

/** What the friends of somebody, in one bucket, heard of their comings and goings. */
function presencesHeard(userId: UserId): boolean[] {
  return heardAt(SOUTH).flatMap((event) =>
    event.ev === "presence" && event.userId === userId ? [event.online] : [],
  );
}

function heardAt(address: BucketAddress): ServerEvent[] {
  return spine.deliveries
    .flatMap(({ buckets }) => buckets.filter((bucket) => bucket.address === address))
    .flatMap(({ items }) => items.flatMap(({ events }) => events))
    .map((event): ServerEvent => JSON.parse(event));
}
