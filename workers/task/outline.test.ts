import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { LoggedRecord } from "../../lib/message-log.ts";
import { conversationTopic } from "../../lib/topic.ts";
import { type ConversationId, directConversation } from "../../schema/wire/conversation-id.ts";
import { ClientId, GroupId, MessageId, Rev, Seq, UserId } from "../../schema/wire/ids.ts";
import type { Message } from "../../schema/wire/message.ts";
import { outline } from "./outline.ts";
import { messageKey } from "./store.ts";

const ada = UserId.parse("1");
const ben = UserId.parse("2");
const group = GroupId.parse("9");
const direct = directConversation(ada, ben);
const at = "2026-01-01T00:00:00.000Z";

test("neighbours for the same people share a frame, serialised once and in order", () => {
  const [first, second] = [stored(direct, 1), stored(direct, 2)];
  const pushes = outline([first.record, second.record], new Map([first.entry, second.entry]));
  expect(pushes).toHaveLength(1);
  expect(pushes[0]?.to).toEqual({ kind: "users", userIds: [ada, ben] });
  expect(pushes[0]?.events.map((event) => JSON.parse(event).message.seq)).toEqual([1, 2]);
});

test("a notice keeps its place, and a control is never merged away", () => {
  const before = stored(direct, 1);
  const after = stored(direct, 2);
  const notice: LoggedRecord = {
    topic: conversationTopic(direct),
    offset: 1,
    record: {
      kind: "notice",
      mark: "m",
      to: { kind: "users", userIds: [ada] },
      event: { ev: "group.left", groupId: group },
      control: { kind: "unlink", userId: ada, groupId: group },
    },
  };
  const pushes = outline([before.record, notice, after.record], new Map([before.entry, after.entry]));
  expect(pushes.map(({ control }) => control?.kind)).toEqual([undefined, "unlink", undefined]);
});

test("what could not be stored or read is not pushed", () => {
  const lost = stored(direct, 1);
  const unreadable: LoggedRecord = { topic: conversationTopic(direct), offset: 2, record: null };
  expect(outline([lost.record, unreadable], new Map())).toEqual([]);
});

function stored(conversation: ConversationId, seq: number) {
  const clientId = ClientId.parse(randomUUID());
  const content = { type: "text", text: `message ${seq}` } as const;
  const record: LoggedRecord = {
    topic: conversationTopic(conversation),
    offset: seq,
    record: { kind: "message", mark: "m", senderId: ada, clientId, conversation, content, acceptedAt: at },
  };
  const message: Message = {
    id: MessageId.parse(String(1000 + seq)),
    conversation,
    seq: Seq.parse(seq),
    rev: Rev.parse(seq),
    senderId: ada,
    clientId,
    content,
    sentAt: at,
  };
  return { record, entry: [messageKey(message), message] as const };
}
