import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { redisKeys } from "../lib/redis-keys.ts";
import type { Submission } from "../lib/rpc/logic.ts";
import { type ConversationId, groupConversation } from "../schema/wire/conversation-id.ts";
import { GroupId, type UserId } from "../schema/wire/ids.ts";
import { submit } from "../workers/logic/submit.ts";
import { personOf, type Spine, startSpine } from "../workers/task/spine.fixture.ts";
import { drainStatus } from "../workers/task/status.ts";

let spine: Spine;
let conversation: ConversationId;
let ada: UserId;
let ben: UserId;

beforeAll(async () => {
  spine = await startSpine();
  await spine.task.redis.set(redisKeys.epoch, "1");
}, 30_000);

afterAll(() => spine.close());

beforeEach(async () => {
  const [pair] = await spine.pairs(1);
  if (pair === undefined) throw new Error("no pair");
  conversation = pair;
  [ada, ben] = [personOf(pair, 0), personOf(pair, 1)];
  await spine.task.redis.sadd(redisKeys.userRoutes(ben), "local:0");
  await spine.task.redis.del(redisKeys.status);
  spine.deliveries.length = 0;
});

test("the others of a conversation hear that a person is typing, once in a while however often it is said", async () => {
  expect(await submit(spine.logic, [typing(ada), typing(ada)])).toEqual([accepted, accepted]);
  await submit(spine.logic, [typing(ada)]);
  await drainStatus(spine.task);
  expect(heard()).toEqual([{ ev: "typing", conversation, userId: ada }]);
});

test("is refused where the person may not write", async () => {
  const [other] = await spine.pairs(1);
  if (other === undefined) throw new Error("no pair");
  const outcomes = await submit(spine.logic, [typing(ada, other), typing(ada)]);
  expect(outcomes).toEqual([{ ok: false, code: "conversation_not_found" }, accepted]);
});

test("nobody hears of it in a group with more than 200 people online", async () => {
  const groupId = GroupId.parse("4711");
  const group = groupConversation(groupId);
  await spine.task.redis.set(redisKeys.posting(group), "all");
  await spine.task.redis.set(redisKeys.mayWrite(group, ada), "ok");
  await spine.task.redis.set(redisKeys.mayWrite(group, ben), "ok");
  await spine.task.redis.sadd(redisKeys.groupRoutes(groupId), "local:0");
  const [first, ...rest] = Array.from({ length: 200 }, () => randomUUID());
  await spine.task.redis.sadd(redisKeys.groupOnline(groupId), first, ...rest);
  await submit(spine.logic, [typing(ada, group)]);
  await spine.task.redis.sadd(redisKeys.groupOnline(groupId), "one more");
  await submit(spine.logic, [typing(ben, group)]);
  await drainStatus(spine.task);
  expect(heard()).toEqual([{ ev: "typing", conversation: group, userId: ada }]);
});

const accepted = { ok: true, value: null };

function typing(userId: UserId, where = conversation): Submission {
  return { userId, frame: { op: "typing", conversation: where } };
}

/** The events that the bucket got. */
function heard() {
  return spine.pushed().flatMap(({ events }) => events);
}
