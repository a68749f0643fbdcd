import { afterAll, beforeAll, expect, test } from "vitest";
import { groupConversation } from "../schema/wire/conversation-id.ts";
import { GroupId, Seq } from "../schema/wire/ids.ts";
import { personOf, type Spine, startSpine } from "../workers/task/spine.fixture.ts";
import { read } from "./read.ts";

let spine: Spine;

beforeAll(async () => {
  spine = await startSpine();
}, 30_000);

afterAll(() => spine.close());

test("the conversation hears of a reader; in a group of more than 200 members only the reader does", async () => {
  const [pair] = await spine.pairs(1);
  if (pair === undefined) throw new Error("no pair");
  const ada = personOf(pair, 0);
  const groups = [
    { groupId: GroupId.parse("901"), memberCount: 200 },
    { groupId: GroupId.parse("902"), memberCount: 201 },
  ];
  for (const { groupId, memberCount } of groups) {
    const conversation = groupConversation(groupId);
    await execute(
      "INSERT INTO groups (id, name, name_folded, join_policy, member_count) VALUES ($1, 'G', 'g', 'open', $2)",
      [groupId, memberCount],
    );
    await execute("INSERT INTO conversations (id) VALUES ($1)", [conversation]);
    await execute("INSERT INTO members (conversation, user_id, role) VALUES ($1, $2, 'owner')", [
      conversation,
      ada,
    ]);
  }
  await execute("UPDATE conversations SET last_seq = 5", []);
  const conversations = [pair, ...groups.map(({ groupId }) => groupConversation(groupId))];
  const batch = conversations.map((conversation) => ({
    userId: ada,
    frame: { op: "read" as const, conversation, seq: Seq.parse(3) },
  }));
  const { refusals, status } = await read.signal(spine.logic, batch);
  expect(refusals).toEqual([null, null, null]);
  const heard = new Map(
    status.flatMap((one) => (one.kind === "read" ? [[one.conversation, one.audience]] : [])),
  );
  expect(conversations.map((conversation) => heard.get(conversation))).toEqual([
    "conversation",
    "conversation",
    "reader",
  ]);
});

test("in a direct conversation only the reader hears of it once the two are not friends", async () => {
  const pairs = await spine.pairs(2);
  const [friends, former] = pairs;
  if (friends === undefined || former === undefined) throw new Error("two pairs were made");
  await execute("UPDATE conversations SET last_seq = 5", []);
  await execute("DELETE FROM friendships WHERE user_id = $1 OR friend_id = $1", [personOf(former, 0)]);
  const batch = pairs.map((conversation) => ({
    userId: personOf(conversation, 1),
    frame: { op: "read" as const, conversation, seq: Seq.parse(3) },
  }));
  const { status } = await read.signal(spine.logic, batch);
  expect(status).toMatchObject([
    { conversation: friends, audience: "conversation" },
    { conversation: former, audience: "reader" },
  ]);
});

function execute(text: string, values: unknown[]) {
  return spine.task.database.$client.query(text, values);
}
