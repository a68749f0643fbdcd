import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { deregister, registerGroups, registerUsers } from "../../lib/bucket-registry.ts";
import { relayFacts } from "../../lib/fact-relay.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import { groupTopic } from "../../lib/topic.ts";
import { type BucketAddress, bucketAddress } from "../../schema/internal/bucket-address.ts";
import { groupConversation } from "../../schema/wire/conversation-id.ts";
import { GroupId, UserId } from "../../schema/wire/ids.ts";
import { drain } from "./drain.ts";
import { type Spine, startSpine } from "./spine.fixture.ts";
import { drainStatus } from "./status.ts";

const NORTH = bucketAddress("north", 0);
const SOUTH = bucketAddress("south", 0);

let spine: Spine;
let lastGroup = 8_000_000;
let lastUser = 50_000_000;

beforeAll(async () => {
  spine = await startSpine();
}, 30_000);

afterAll(() => spine.close());

beforeEach(async () => {
  await spine.task.redis.flushdb();
  await spine.task.redis.set(redisKeys.epoch, "1");
  spine.deliveries.length = 0;
});

afterEach(() => spine.settled());

describe("a group's online count", () => {
  test("is pushed once a second, and the last one although nothing further happens", async () => {
    const people = await somePeople(60);
    const [group] = await openGroups(1, people);
    if (group === undefined) throw new Error("no group");
    await arrive(people.slice(0, 20), NORTH, [group]);
    const first = Date.now();
    await arrive(people.slice(20, 40), NORTH, [group]);
    await arrive(people.slice(40), SOUTH, [group]);
    expect(countsOf(group)).toEqual([20]);
    await expect.poll(() => countsOf(group), { timeout: 5_000, interval: 10 }).toEqual([20, 60]);
    expect(Date.now() - first).toBeGreaterThan(900);
    expect(await spine.task.redis.zrange(redisKeys.dueCounts, 0, -1)).toEqual([]);
  });

  test("that is due when its isolate dies is pushed by the next drain", async () => {
    const [ada] = await somePeople(1);
    const [group] = await openGroups(1, []);
    if (ada === undefined || group === undefined) throw new Error("nobody");
    await spine.task.redis.sadd(redisKeys.groupRoutes(group), NORTH);
    await spine.task.redis.sadd(redisKeys.groupOnline(group), ada);
    await spine.task.redis.zadd(redisKeys.dueCounts, { score: Date.now() - 1, member: group });
    await drainStatus(spine.task);
    expect(countsOf(group)).toEqual([1]);
  });

  test("whose push fails is pushed by the drains after it", async () => {
    const people = await somePeople(2);
    const [group] = await openGroups(1, people);
    if (group === undefined) throw new Error("no group");
    const away = spine.otherTask();
    away.connect = { ...away.connect, deliver: () => Promise.reject(new Error("connect is away")) };
    await register(people, NORTH, [group]);
    await expect(drainStatus(away)).rejects.toThrow("connect is away");
    await spine.task.redis.del(redisKeys.statusLock);
    await drainStatus(spine.task);
    await expect.poll(() => countsOf(group), { timeout: 5_000 }).toEqual([2]);
  });

  test("comes again after an event that has shown the group, whose count may be older", async () => {
    const people = await somePeople(2);
    const [group] = await openGroups(1, people);
    if (group === undefined) throw new Error("no group");
    await relayAndDrain(group);
    await register(people, NORTH, [group]);
    await drainStatus(spine.task);
    spine.deliveries.length = 0;

    const task = spine.otherTask();
    const { deliver } = task.connect;
    task.connect = {
      ...task.connect,
      deliver: async (delivery) => {
        // Somebody goes, and is counted, after the event was made and before it is delivered.
        if (delivery.held.length > 0) {
          await spine.task.redis.del(redisKeys.countPushed(group));
          await deregister(spine.task.redis, NORTH, people.slice(1), []);
          await drainStatus(spine.task);
        }
        return deliver(delivery);
      },
    };
    await spine.task.database.$client.query("UPDATE groups SET name = 'Pub' WHERE id = $1::bigint", [group]);
    await relayFacts(spine.logic, [groupTopic(group)]);
    await (await drain(task, [groupTopic(group)])).delivered;
    expect(shown(group).slice(0, 2)).toEqual(["online 1", "updated 2"]);
    await expect.poll(() => shown(group), { timeout: 5_000 }).toEqual(["online 1", "updated 2", "online 1"]);
  });
});

describe("who comes and goes with", () => {
  test("5,000 friends costs as many calls as with 5, and only those online are told", async () => {
    const costs = [];
    for (const count of [5, 5_000]) {
      const friends = await somePeople(count);
      const [ada] = await somePeople(1);
      if (ada === undefined) throw new Error("nobody");
      await befriend(ada, friends);
      const online = friends.slice(0, 5);
      await registerUsers(spine.task.redis, SOUTH, online);
      costs.push({ came: await costOf(() => arrive([ada], NORTH, [])), went: await costOf(() => go(ada)) });
      const told = spine.pushed().flatMap(({ to }) => (to.kind === "users" ? [to.userIds.toSorted()] : []));
      expect(told).toEqual([online, online]);
      spine.deliveries.length = 0;
    }
    expect(costs[1]).toEqual(costs[0]);
  });

  test("500 groups costs as many calls as with 5", async () => {
    const costs = [];
    for (const count of [5, 500]) {
      const [ada, ben] = await somePeople(2);
      if (ada === undefined || ben === undefined) throw new Error("nobody");
      const groups = await openGroups(count, [ada, ben]);
      await arrive([ben], SOUTH, groups);
      await aSecondPasses(groups);
      spine.deliveries.length = 0;
      const came = await costOf(() => arrive([ada], NORTH, groups));
      await aSecondPasses(groups);
      costs.push({ came, went: await costOf(() => go(ada)) });
      expect(groups.map(countsOf)).toEqual(groups.map(() => [2, 1]));
    }
    expect(costs[1]).toEqual(costs[0]);
  });
});

/** What the stores and the buckets were called for. */
async function costOf(work: () => Promise<void>) {
  const calls = () => spine.deliveries.reduce((sum, { buckets }) => sum + buckets.length, 0);
  const [before, called] = [await spine.roundTrips(), calls()];
  await work();
  const after = await spine.roundTrips();
  return {
    redis: after.redis - before.redis,
    postgres: after.postgres - before.postgres,
    buckets: calls() - called,
  };
}

async function somePeople(count: number): Promise<UserId[]> {
  const ids = Array.from({ length: count }, () => UserId.parse(String(++lastUser)));
  await spine.task.database.$client.query(
    `INSERT INTO users (id, username, username_folded, display_name, password_hash)
     SELECT id, id::text, id::text, id::text, '' FROM unnest($1::bigint[]) AS id`,
    [ids],
  );
  return ids;
}

async function befriend(userId: UserId, friends: UserId[]): Promise<void> {
  await spine.task.database.$client.query(
    `INSERT INTO friendships (user_id, friend_id)
     SELECT $1::bigint, id FROM unnest($2::bigint[]) AS id UNION ALL
     SELECT id, $1::bigint FROM unnest($2::bigint[]) AS id`,
    [userId, friends],
  );
}

async function openGroups(count: number, members: UserId[]): Promise<GroupId[]> {
  const ids = Array.from({ length: count }, () => GroupId.parse(String(++lastGroup)));
  const sql = spine.task.database.$client;
  const conversations = ids.map(groupConversation);
  await sql.transaction([
    sql.query(
      `INSERT INTO groups (id, name, name_folded, join_policy)
       SELECT id, 'Club', 'club', 'open' FROM unnest($1::bigint[]) AS id`,
      [ids],
    ),
    sql.query("INSERT INTO conversations (id) SELECT unnest($1::text[])", [conversations]),
    sql.query(
      `INSERT INTO members (conversation, user_id, role)
       SELECT conversation, user_id, 'member' FROM unnest($1::text[]) AS conversation, unnest($2::bigint[]) AS user_id`,
      [conversations, members],
    ),
  ]);
  return ids;
}

async function register(userIds: UserId[], address: BucketAddress, groupIds: GroupId[]): Promise<void> {
  await registerUsers(spine.task.redis, address, userIds);
  await registerGroups(
    spine.task.redis,
    address,
    userIds.map((userId) => ({ userId, groupIds })),
  );
}

async function arrive(userIds: UserId[], address: BucketAddress, groupIds: GroupId[]): Promise<void> {
  await register(userIds, address, groupIds);
  await drainStatus(spine.task);
}

async function go(userId: UserId): Promise<void> {
  await deregister(spine.task.redis, NORTH, [userId], []);
  await drainStatus(spine.task);
}

async function relayAndDrain(group: GroupId): Promise<void> {
  await relayFacts(spine.logic, [groupTopic(group)]);
  await (await drain(spine.task, [groupTopic(group)])).delivered;
  await spine.settled();
  await aSecondPasses([group]);
}

/** The turns of groups are over. */
async function aSecondPasses(groups: GroupId[]): Promise<void> {
  await spine.task.redis.del(...groups.map(redisKeys.countPushed));
}

/** What a bucket got to know of a group's count, each once although it went to several buckets. */
function countsOf(group: GroupId): number[] {
  return spine.deliveries.flatMap(({ buckets }) => {
    const [bucket] = buckets;
    const events = bucket?.items.flatMap((item) => item.events) ?? [];
    return events.flatMap((text) => {
      const event = JSON.parse(text);
      return event.ev === "group.online" && event.groupId === group ? [Number(event.count)] : [];
    });
  });
}

/** The events that show a group's count, in their order. */
function shown(group: GroupId): string[] {
  return spine.pushed().flatMap(({ events }) =>
    events.flatMap((event) => {
      if (event.ev === "group.updated" && event.group.id === group)
        return [`updated ${event.group.onlineCount}`];
      return event.ev === "group.online" && event.groupId === group ? [`online ${event.count}`] : [];
    }),
  );
}
