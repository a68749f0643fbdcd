import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { onlineCounts } from "../../lib/presence.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import { groupTopic } from "../../lib/topic.ts";
import { bucketAddress } from "../../schema/internal/bucket-address.ts";
import { groupConversation } from "../../schema/wire/conversation-id.ts";
import { GroupId, UserId } from "../../schema/wire/ids.ts";
import { listMembers } from "../api/members.ts";
import { submit } from "../logic/submit.ts";
import { drain } from "./drain.ts";
import { type Spine, startSpine, textFrom } from "./spine.fixture.ts";
import { drainStatus } from "./status.ts";

vi.mock("cloudflare:workers", () => ({ RpcTarget: class {} }));

/** A group whose first two members are its owner and a plain member, with people who may still join it. */
type Crowd = { groupId: GroupId; ownerId: UserId; memberId: UserId; strangers: UserId[] };

/** How many members of each group are connected, in how many buckets. */
const CONNECTED = 8;
const BUCKETS = 4;

let spine: Spine;
let few: Crowd;
let many: Crowd;

beforeAll(async () => {
  spine = await startSpine();
  await spine.task.redis.set(redisKeys.epoch, "1");
  few = await crowd("5001", 20_000_000, 10);
  many = await crowd("5002", 30_000_000, 10_000);
}, 120_000);

afterAll(() => spine.close());

/** What somebody does in a group, from the call to the last push. */
const DEEDS: Record<string, (crowd: Crowd) => Promise<unknown>> = {
  "joins it": async ({ groupId, strangers }) => {
    const { groups } = await logicOf();
    return groups.join(strangers.pop() ?? nobody(), groupId);
  },
  "leaves it": async ({ groupId, memberId }) => {
    const { groups } = await logicOf();
    await groups.leave(memberId, groupId);
  },
  "writes into it": ({ groupId, ownerId }) =>
    submit(spine.logic, [textFrom(groupConversation(groupId), ownerId, "hello, all")]),
  "lets admins only write": async ({ groupId, ownerId }) => {
    const { groups } = await logicOf();
    return groups.change(ownerId, groupId, { posting: "admins" });
  },
  "makes a member an admin": async ({ groupId, ownerId, memberId }) => {
    const { members } = await logicOf();
    return members.change(ownerId, groupId, memberId, { role: "admin" });
  },
  "removes a member": async ({ groupId, ownerId, memberId }) => {
    const { members } = await logicOf();
    return members.remove(ownerId, groupId, memberId);
  },
  "lists its members": ({ groupId, ownerId }) => listMembers(spine.task, { groupId, callerId: ownerId }, 5),
  "counts who is online": ({ groupId }) => onlineCounts(spine.task.redis, [groupId]),
};

for (const [name, deed] of Object.entries(DEEDS)) {
  test(`who ${name} costs as many calls, commands and statements in a group of 10,000 as in one of 10`, async () => {
    const small = await costOf(few, deed);
    const large = await costOf(many, deed);
    expect(Object.keys(small).length).toBeGreaterThan(0);
    expect(large).toEqual(small);
  });
}

test("who may write into several groups is read with one MGET a batch, and without Postgres once it is known", async () => {
  const batch = [few, many].flatMap(({ groupId, ownerId, memberId }) =>
    [ownerId, memberId].map((userId) => textFrom(groupConversation(groupId), userId, "hello")),
  );
  await submit(spine.logic, batch);
  const before = await spine.work();
  await submit(spine.logic, batch);
  const after = await spine.work();
  expect((after.MGET ?? 0) - (before.MGET ?? 0)).toBe(1);
  expect(after.postgres).toBe(before.postgres);
});

/** What the stores did for a deed. Done once before, so that what is cached is so in both groups. */
async function costOf(crowd: Crowd, deed: (crowd: Crowd) => Promise<unknown>) {
  await restored(crowd);
  await deed(crowd);
  await carriedOut(crowd);
  await restored(crowd);
  // No count of the group was pushed in the last second.
  await spine.task.redis.del(redisKeys.countPushed(crowd.groupId), redisKeys.dueCounts);
  const before = await spine.work();
  await deed(crowd);
  await carriedOut(crowd);
  const after = await spine.work();
  const grown = Object.entries(after).map(([name, value]) => [name, value - (before[name] ?? 0)] as const);
  return Object.fromEntries(grown.filter(([, value]) => value > 0));
}

/** Drains what a deed has put into the log and onto the status list. */
async function carriedOut({ groupId }: Crowd): Promise<void> {
  const { delivered } = await drain(spine.task, [groupTopic(groupId)]);
  expect((await delivered).failed).toEqual([]);
  await spine.settled();
  await drainStatus(spine.task);
  // A count that is due later, too.
  await spine.settled();
}

/** Has the member in the group again, as a member, and everybody may write. */
async function restored(crowd: Crowd): Promise<void> {
  const { groupId, memberId } = crowd;
  const conversation = groupConversation(groupId);
  await spine.task.database.$client.transaction((sql) => [
    sql.query(
      "INSERT INTO members (conversation, user_id, role) VALUES ($1, $2, 'member') ON CONFLICT DO NOTHING",
      [conversation, memberId],
    ),
    sql.query("UPDATE members SET role = 'member' WHERE conversation = $1 AND user_id = $2", [
      conversation,
      memberId,
    ]),
    sql.query("UPDATE groups SET posting = 'all' WHERE id = $1", [groupId]),
    sql.query("DELETE FROM pending_facts", []),
  ]);
  await carriedOut(crowd);
}

/** The nouns of logic's RPC, without the Worker around them. */
async function logicOf() {
  const [{ Groups }, { Members }] = await Promise.all([
    import("../logic/groups.ts"),
    import("../logic/members.ts"),
  ]);
  return { groups: new Groups(spine.logic), members: new Members(spine.logic) };
}

/** A group of this size, written as one statement a table, some of its members connected; its people have ids from `from` on. */
async function crowd(id: string, from: number, size: number): Promise<Crowd> {
  const groupId = GroupId.parse(id);
  const conversation = groupConversation(groupId);
  const userIds = Array.from({ length: size + 10 }, (_, index) => UserId.parse(String(from + index)));
  const [ownerId = nobody(), memberId = nobody()] = userIds;
  await spine.task.database.$client.transaction((sql) => [
    sql.query(
      `INSERT INTO users (id, username, username_folded, display_name, password_hash)
       SELECT id, id::text, id::text, id::text, '' FROM unnest($1::bigint[]) AS id`,
      [userIds],
    ),
    sql.query(
      `INSERT INTO groups (id, name, name_folded, join_policy, member_count) VALUES ($1, 'Crowd', 'crowd', 'open', $2)`,
      [groupId, size],
    ),
    sql.query("INSERT INTO conversations (id) VALUES ($1)", [conversation]),
    sql.query(
      `INSERT INTO members (conversation, user_id, role)
       SELECT $1, user_id, CASE WHEN user_id = $3 THEN 'owner' ELSE 'member' END FROM unnest($2::bigint[]) AS user_id`,
      [conversation, userIds.slice(0, size), ownerId],
    ),
    sql.query("DELETE FROM pending_facts", []),
  ]);
  const pipeline = spine.task.redis.pipeline();
  for (const [index, userId] of userIds.slice(0, CONNECTED).entries()) {
    const address = bucketAddress("local", index % BUCKETS);
    pipeline.sadd(redisKeys.userRoutes(userId), address);
    pipeline.sadd(redisKeys.groupRoutes(groupId), address);
    pipeline.sadd(redisKeys.groupOnline(groupId), userId);
    pipeline.set(redisKeys.presence(userId), new Date().toISOString());
  }
  await pipeline.exec();
  return { groupId, ownerId, memberId, strangers: userIds.slice(size) };
}

function nobody(): never {
  throw new Error("nobody is left");
}
