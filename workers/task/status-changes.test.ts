import { expect, test } from "vitest";
import { directConversation, groupConversation } from "../../schema/wire/conversation-id.ts";
import { GroupId, Seq, UserId } from "../../schema/wire/ids.ts";
import { mergeStatus } from "./status-changes.ts";

const ada = UserId.parse("1");
const ben = UserId.parse("2");
const group = GroupId.parse("9");

test("a person who came and went is looked at once, with the last time", () => {
  const { presence } = mergeStatus([
    { kind: "presence", userId: ada, at: "2026-01-01T00:00:00.000Z" },
    { kind: "presence", userId: ben, at: "2026-01-01T00:00:01.000Z" },
    { kind: "presence", userId: ada, at: "2026-01-01T00:00:02.000Z" },
  ]);
  expect([...presence]).toEqual([
    [ada, "2026-01-01T00:00:02.000Z"],
    [ben, "2026-01-01T00:00:01.000Z"],
  ]);
});

test("a membership that has changed twice is looked at once", () => {
  const { memberships } = mergeStatus([
    { kind: "membership", userId: ada, groupId: group },
    { kind: "membership", userId: ada, groupId: group },
  ]);
  expect(memberships).toEqual([{ kind: "membership", userId: ada, groupId: group }]);
});

test("a group is counted once", () => {
  const { counts } = mergeStatus([
    { kind: "count", groupId: group },
    { kind: "count", groupId: group },
  ]);
  expect([...counts]).toEqual([group]);
});

test("of several reads the furthest is pushed, for each conversation and person", () => {
  const direct = directConversation(ada, ben);
  const read = (conversation: typeof direct, userId: UserId, seq: number) =>
    ({ kind: "read", conversation, userId, seq: Seq.parse(seq), audience: "conversation" }) as const;
  const { reads } = mergeStatus([
    read(direct, ada, 3),
    read(direct, ada, 2),
    read(direct, ben, 1),
    read(groupConversation(group), ada, 7),
  ]);
  expect(reads).toEqual([read(direct, ada, 3), read(direct, ben, 1), read(groupConversation(group), ada, 7)]);
});
