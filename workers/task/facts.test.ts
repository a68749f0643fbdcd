import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { relayFacts, relayForgottenFacts } from "../../lib/fact-relay.ts";
import { noticeFact } from "../../lib/notice-fact.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import { conversationTopic, groupTopic, userTopic } from "../../lib/topic.ts";
import type { Fact } from "../../schema/internal/fact.ts";
import type { Topic } from "../../schema/internal/topic.ts";
import {
  type ConversationId,
  directConversation,
  groupConversation,
} from "../../schema/wire/conversation-id.ts";
import { ClientId, GroupId, MessageId, SessionId, type UserId } from "../../schema/wire/ids.ts";
import { submit } from "../logic/submit.ts";
import { drain } from "./drain.ts";
import { personOf, type Spine, startSpine, textFrom } from "./spine.fixture.ts";

let spine: Spine;
let ada: UserId;
let ben: UserId;

beforeAll(async () => {
  spine = await startSpine();
  await spine.task.redis.set(redisKeys.epoch, "1");
}, 30_000);

afterAll(() => spine.close());

beforeEach(async () => {
  const [conversation] = await spine.pairs(1);
  if (conversation === undefined) throw new Error("no pair");
  [ada, ben] = [personOf(conversation, 0), personOf(conversation, 1)];
  await online(ada, ben);
  await relayAndDrain(userTopic(ada), userTopic(ben));
  spine.deliveries.length = 0;
});

// Counts of groups may still come, a second later: they must not come into the next test.
afterEach(() => spine.settled());

describe("a membership", () => {
  test("links those who joined before they hear of it, and lets them write", async () => {
    const groupId = await newGroup(ada);
    await relayAndDrain(groupTopic(groupId));
    expect(spine.pushed()).toMatchObject([
      {
        control: { kind: "link", userId: ada, groupId },
        events: [{ ev: "group.joined", group: { role: "owner" } }],
      },
    ]);
    expect(await mayWrite(groupId, ada)).toBe("staff");
  });

  test("has the group counted only after the delivery, so that no count overtakes group.joined", async () => {
    const groupId = await newGroup(ada);
    await relayFacts(spine.logic, [groupTopic(groupId)]);
    const task = spine.otherTask();
    const { deliver } = task.connect;
    const waiting = () => task.redis.lrange(redisKeys.status, 0, -1);
    await task.redis.del(redisKeys.status);
    // A status drain that runs meanwhile would take what is there.
    await task.redis.set(redisKeys.statusLock, "another drain");
    let during: string[] = [];
    task.connect = {
      ...task.connect,
      deliver: async (delivery) => {
        during = await waiting();
        return deliver(delivery);
      },
    };
    await (await drain(task, [groupTopic(groupId)])).delivered;
    expect(during).toEqual([]);
    expect((await waiting()).map((record) => JSON.parse(record))).toEqual([
      { kind: "membership", userId: ada, groupId },
      { kind: "count", groupId },
    ]);
    await task.redis.del(redisKeys.statusLock);
  });

  test("unlinks those who have left, whatever the log still says of their joining", async () => {
    const groupId = await newGroup(ada);
    await join(groupId, ben);
    await leave(groupId, ben);
    await relayAndDrain(groupTopic(groupId));
    const toBen = spine.pushed().filter(({ to }) => to.kind === "users" && to.userIds.includes(ben));
    expect(toBen.map(({ control, events }) => [control?.kind, events])).toEqual([
      ["unlink", [{ ev: "group.left", groupId }]],
    ]);
    expect(await mayWrite(groupId, ben)).toBe("conversation_not_found");
  });

  test("tells Redis of a member's role and mute, and nobody else", async () => {
    const groupId = await newGroup(ada);
    await join(groupId, ben);
    await relayAndDrain(groupTopic(groupId));
    await spine.settled();
    spine.deliveries.length = 0;
    await execute("UPDATE members SET muted_until = '2100-01-01Z' WHERE conversation = $1 AND user_id = $2", [
      groupConversation(groupId),
      ben,
    ]);
    await relayAndDrain(groupTopic(groupId));
    expect(await mayWrite(groupId, ben)).toBe(`muted:${Date.parse("2100-01-01T00:00:00Z")}:ok`);
    expect(spine.pushed()).toEqual([]);
    await execute(
      "UPDATE members SET muted_until = NULL, role = 'admin' WHERE conversation = $1 AND user_id = $2",
      [groupConversation(groupId), ben],
    );
    await relayAndDrain(groupTopic(groupId));
    expect(await mayWrite(groupId, ben)).toBe("staff");
  });

  test("is pushed to the group once, however many joined, and to its owner with their role", async () => {
    const groupId = await newGroup(ada);
    await join(groupId, ben);
    await execute("UPDATE groups SET member_count = 2 WHERE id = $1", [groupId]);
    await execute("UPDATE groups SET name = 'Renamed' WHERE id = $1", [groupId]);
    await spine.task.redis.sadd(redisKeys.groupRoutes(groupId), "local:0");
    await relayAndDrain(groupTopic(groupId));
    const updates = spine
      .pushed()
      .flatMap(({ events }) => events.flatMap((event) => (event.ev === "group.updated" ? [event] : [])));
    expect(updates.map(({ group }) => [group.name, group.memberCount, group.role])).toEqual([
      ["Renamed", 2, "member"],
      ["Renamed", 2, "owner"],
    ]);
  });
});

test("nobody may write into a group that is deleted", async () => {
  const groupId = await newGroup(ada);
  const conversation = groupConversation(groupId);
  await relayAndDrain(groupTopic(groupId));
  await execute("DELETE FROM members WHERE conversation = $1", [conversation]);
  await execute("DELETE FROM groups WHERE id = $1", [groupId]);
  await relayAndDrain(groupTopic(groupId));
  expect(await spine.task.redis.get(redisKeys.posting(conversation))).toBe("gone");
});

describe("a notice", () => {
  test("is stored once, in its place, and pushed as a message of who did it", async () => {
    const groupId = await newGroup(ada);
    const conversation = groupConversation(groupId);
    await relayAndDrain(groupTopic(groupId));
    await submit(spine.logic, [textFrom(conversation, ada, "before")]);
    const fact = noticeFact(conversation, ada, { kind: "renamed", name: "Sailors" });
    await give(fact);
    await relayFacts(spine.logic, [groupTopic(groupId)]);
    await submit(spine.logic, [textFrom(conversation, ada, "after")]);
    await spine.task.redis.sadd(redisKeys.groupRoutes(groupId), "local:0");
    await drained(groupTopic(groupId));
    // A relay that failed after the produce does it again.
    await give(fact);
    await relayAndDrain(groupTopic(groupId));

    const content = { type: "notice", notice: { kind: "renamed", name: "Sailors" } };
    expect(await history(conversation)).toMatchObject([
      { seq: 1, rev: 1, notices: 0 },
      { seq: 2, rev: 2, notices: 1, content },
      { seq: 3, rev: 3, notices: 1 },
    ]);
    const messages = spine
      .pushed()
      .flatMap(({ events }) => events.flatMap((event) => (event.ev === "message" ? [event.message] : [])));
    expect(messages.map(({ seq }) => seq)).toEqual([1, 2, 3, 2]);
    expect(messages[1]).toMatchObject({ conversation, senderId: ada, content });
    expect(messages[3]).toEqual(messages[1]);
  });

  test("does not read for who did it, as writing does", async () => {
    const groupId = await newGroup(ada);
    const conversation = groupConversation(groupId);
    await join(groupId, ben);
    await relayAndDrain(groupTopic(groupId));
    await submit(spine.logic, [textFrom(conversation, ben, "to be read")]);
    await give(noticeFact(conversation, ada, { kind: "renamed", name: "Sailors" }));
    await relayAndDrain(groupTopic(groupId));
    const rows = await execute("SELECT user_id::text, read_seq FROM members WHERE conversation = $1", [
      conversation,
    ]);
    expect(new Map(rows.map((row) => [row.user_id, row.read_seq]))).toEqual(
      new Map([
        [ada, 0],
        [ben, 1],
      ]),
    );
  });

  test("is counted apart in a batch of messages, and cannot be edited or recalled", async () => {
    const groupId = await newGroup(ada);
    const conversation = groupConversation(groupId);
    await relayAndDrain(groupTopic(groupId));
    await give(
      noticeFact(conversation, ada, { kind: "created" }),
      noticeFact(conversation, ada, { kind: "joined", userIds: [ben] }),
    );
    await relayAndDrain(groupTopic(groupId));
    const [first] = await history(conversation);
    const target = { conversation, messageId: MessageId.parse(first?.id) };
    const clientId = () => ClientId.parse(randomUUID());
    const outcomes = await submit(spine.logic, [
      { userId: ada, frame: { op: "recall", clientId: clientId(), ...target } },
      {
        userId: ada,
        frame: { op: "edit", clientId: clientId(), ...target, content: { type: "text", text: "no" } },
      },
    ]);
    expect(outcomes.map((outcome) => (outcome.ok ? "ok" : outcome.code))).toEqual([
      "not_allowed",
      "not_allowed",
    ]);
    const [counters] = await execute("SELECT last_seq, notices FROM conversations WHERE id = $1", [
      conversation,
    ]);
    expect(counters).toEqual({ last_seq: 2, notices: 2 });
  });
});

test("a session that has ended closes its sockets, and its access tokens are refused", async () => {
  const sessionId = SessionId.parse(randomUUID());
  await execute("INSERT INTO sessions (id, user_id, device) VALUES ($1, $2, 'test')", [sessionId, ada]);
  await execute("UPDATE sessions SET ended_at = now() WHERE id = $1", [sessionId]);
  await relayAndDrain(userTopic(ada));
  expect(spine.pushed().map(({ control }) => control)).toEqual([{ kind: "close", userId: ada, sessionId }]);
  expect(await spine.task.redis.get(redisKeys.endedSession(sessionId))).not.toBeNull();
});

test("both hear that a friendship has ended, and neither may write", async () => {
  await execute("DELETE FROM friendships WHERE user_id = ANY($1::bigint[])", [[ada, ben]]);
  await relayAndDrain(userTopic(ada), userTopic(ben));
  const heardBy = (userId: UserId) =>
    spine
      .pushed()
      .filter(({ to }) => to.kind === "users" && to.userIds.includes(userId))
      .flatMap(({ events }) => events);
  expect(heardBy(ada)).toEqual([{ ev: "friend.removed", userId: ben }]);
  expect(heardBy(ben)).toEqual([{ ev: "friend.removed", userId: ada }]);
  const verdicts = [ada, ben].map((userId) => redisKeys.mayWrite(directConversation(ada, ben), userId));
  expect(await spine.task.redis.mget(...verdicts)).toEqual(["not_friends", "not_friends"]);
});

test("a person hears of a request for their friendship, unless it is closed by then", async () => {
  const request = (id: string, to: UserId) =>
    execute("INSERT INTO friend_requests (id, from_id, to_id, note) VALUES ($1, $2, $3, 'hi')", [
      id,
      to === ben ? ada : ben,
      to,
    ]);
  await request("501", ben);
  await request("502", ada);
  await execute("DELETE FROM friend_requests WHERE id = 502", []);
  await relayAndDrain(userTopic(ada), userTopic(ben));
  expect(spine.pushed().flatMap(({ events }) => events)).toMatchObject([
    { ev: "friend.requested", request: { id: "501", from: { id: ada }, to: { id: ben }, note: "hi" } },
  ]);
});

test("facts stay pending while the log does not respond, and cron relays them", async () => {
  const groupId = await newGroup(ada);
  const produce = vi.spyOn(spine.logic.messageLog, "produce").mockRejectedValue(new Error("the log is down"));
  await expect(relayFacts(spine.logic, [groupTopic(groupId)])).rejects.toThrow("the log is down");
  produce.mockRestore();
  expect(await relayForgottenFacts(spine.task)).toEqual([]);

  await execute("UPDATE pending_facts SET created_at = now() - interval '6 seconds'", []);
  expect(await relayForgottenFacts(spine.task)).toEqual([groupTopic(groupId)]);
  await drained(groupTopic(groupId));
  expect(spine.pushed()).toMatchObject([{ control: { kind: "link", userId: ada, groupId } }]);
  expect(await execute("SELECT id FROM pending_facts", [])).toEqual([]);
});

let lastGroup = 900_000n;

async function newGroup(ownerId: UserId): Promise<GroupId> {
  lastGroup += 1n;
  const groupId = GroupId.parse(lastGroup.toString());
  await execute(
    "INSERT INTO groups (id, name, name_folded, join_policy, member_count) VALUES ($1, 'Group', 'group', 'open', 1)",
    [groupId],
  );
  await execute("INSERT INTO conversations (id) VALUES ($1)", [groupConversation(groupId)]);
  await execute("INSERT INTO members (conversation, user_id, role) VALUES ($1, $2, 'owner')", [
    groupConversation(groupId),
    ownerId,
  ]);
  return groupId;
}

function join(groupId: GroupId, userId: UserId) {
  return execute("INSERT INTO members (conversation, user_id, role) VALUES ($1, $2, 'member')", [
    groupConversation(groupId),
    userId,
  ]);
}

function leave(groupId: GroupId, userId: UserId) {
  return execute("DELETE FROM members WHERE conversation = $1 AND user_id = $2", [
    groupConversation(groupId),
    userId,
  ]);
}

/** Writes facts of notices into the outbox, as the transaction of a change does. */
function give(...facts: Fact[]) {
  return execute("INSERT INTO pending_facts (topic, fact) SELECT $1, unnest($2::jsonb[])", [
    facts.map((fact) => (fact.kind === "notice" ? conversationTopic(fact.conversation) : ""))[0],
    facts.map((fact) => JSON.stringify(fact)),
  ]);
}

function history(conversation: ConversationId) {
  return execute(
    "SELECT id::text, seq, rev, notices, content FROM messages WHERE conversation = $1 ORDER BY seq",
    [conversation],
  );
}

function execute(text: string, values: unknown[]) {
  return spine.task.database.$client.query(text, values);
}

async function online(...userIds: UserId[]): Promise<void> {
  const pipeline = spine.task.redis.pipeline();
  for (const userId of userIds) pipeline.sadd(redisKeys.userRoutes(userId), "local:0");
  await pipeline.exec();
}

async function relayAndDrain(...topics: Topic[]): Promise<void> {
  expect((await relayFacts(spine.logic, topics)).toSorted()).toEqual(topics.toSorted());
  await drained(...topics);
}

async function drained(...topics: Topic[]): Promise<void> {
  const { delivered } = await drain(spine.task, topics);
  expect((await delivered).failed).toEqual([]);
}

function mayWrite(groupId: GroupId, userId: UserId) {
  return spine.task.redis.get(redisKeys.mayWrite(groupConversation(groupId), userId));
}
