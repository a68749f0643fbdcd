import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { Snowflake } from "../../lib/snowflake.ts";
import type { Fact } from "../../schema/internal/fact.ts";
import type { LogRecord } from "../../schema/internal/log-record.ts";
import { Topic } from "../../schema/internal/topic.ts";
import { ConversationId } from "../../schema/wire/conversation-id.ts";
import { ClientId, GroupId, UserId } from "../../schema/wire/ids.ts";
import { distinct, type Logged, onlineAskedFor, runsOf, stamp } from "./runs.ts";

const ada = UserId.parse("1");
const ben = UserId.parse("2");
const snowflake = new Snowflake(1);
let offset = 0;

test("new messages of all topics are one run", () => {
  const runs = runsOf([send("9"), send("8"), send("9"), send("7")]);
  expect(runs.map(({ members }) => members.length)).toEqual([4]);
});

test("what comes between two messages of a topic is applied between them, and holds up no other topic", () => {
  const [before, joined, after] = [send("9"), membership("9", ada), send("9")];
  const elsewhere = [send("8"), send("8")];
  const runs = runsOf([before, joined, ...elsewhere, after]);
  expect(runs.map(({ members }) => members)).toEqual([[before, ...elsewhere], [joined], [after]]);
});

test("an operation that is there twice is applied where it is first, and a fact is looked at where it is last", () => {
  const clientId = ClientId.parse(randomUUID());
  const [first, again] = [send("9", clientId), send("9", clientId)];
  const [joined, left] = [membership("9", ada), membership("9", ada)];
  const other = membership("9", ben);
  expect(distinct([first, joined, other, again, left])).toEqual([first, other, left]);
});

test("the same client id of two senders is two operations", () => {
  const clientId = ClientId.parse(randomUUID());
  expect(distinct([send("9", clientId, ada), send("9", clientId, ben)])).toHaveLength(2);
});

test("asks once for each group and person whose presence is shown", () => {
  const groupId = GroupId.parse("9");
  const facts: Fact[] = [
    { kind: "membership", groupId, userId: ada },
    { kind: "group", groupId },
    { kind: "friendship", userId: ada, friendId: ben },
  ];
  expect(onlineAskedFor(facts)).toEqual({ userIds: [ben], groupIds: [groupId] });
});

function send(groupId: string, clientId = ClientId.parse(randomUUID()), senderId = ada): Logged {
  return logged(groupId, {
    kind: "operation",
    mark: "m",
    senderId,
    acceptedAt: "2026-01-01T00:00:00.000Z",
    operation: {
      op: "send",
      conversation: ConversationId.parse(`group:${groupId}`),
      clientId,
      content: { type: "text", text: "hello" },
    },
  });
}

function membership(groupId: string, userId: UserId): Logged {
  const fact = { kind: "membership", groupId: GroupId.parse(groupId), userId } as const;
  return logged(groupId, { kind: "fact", mark: "m", fact });
}

function logged(groupId: string, record: LogRecord): Logged {
  offset += 1;
  return stamp({ topic: Topic.parse(`group.${groupId}`), offset, record }, snowflake);
}
