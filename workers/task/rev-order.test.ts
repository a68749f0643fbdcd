import { expect, it } from "vitest";
import { Topic } from "../../schema/internal/topic.ts";
import { directConversation } from "../../schema/wire/conversation-id.ts";
import { MessageId, UserId } from "../../schema/wire/ids.ts";
import { Message } from "../../schema/wire/message.ts";
import type { Applied } from "./apply.ts";
import { inRevOrder } from "./rev-order.ts";

const ada = UserId.parse("1");
const topic = Topic.parse("user.1");

it.each([
  ["leaves what is in order as it is", [1, 2, 3], [1, 2, 3]],
  ["leaves out repeats", [1, 2, 2, 3], [1, 2, 3]],
  ["has a later change of a repeated message wait for its record", [9, 5, 6, 9], [5, 6, 9]],
  ["pushes a change at its own record, not at a repeat after it", [9, 5, 9, 10, 9], [5, 9, 10]],
  ["has several changes wait", [9, 8, 5, 8, 9], [5, 8, 9]],
  ["does not have a change wait for older repeats", [8, 9, 10, 4, 9], [8, 9, 10, 4]],
  ["does not wait for a record of another batch", [9, 5, 6], [9, 5, 6]],
])("%s", (_, revs, expected) => {
  expect(inRevOrder(revs.map((rev) => applied(rev))).flatMap(revsOf)).toEqual(expected);
});

it("does not mix conversations", () => {
  const mixed = [applied(9, "2"), applied(5, "3"), applied(9, "3"), applied(9, "2")];
  expect(inRevOrder(mixed).flatMap(revsOf)).toEqual([9, 5, 9]);
});

function applied(rev: number, other = "2"): Applied {
  const id = MessageId.parse("7");
  const conversation = directConversation(ada, UserId.parse(other));
  const message = Message.parse({
    ...{ id, conversation, seq: 1, rev, senderId: ada, content: null },
    ...{ clientId: "00000000-0000-4000-8000-000000000001", sentAt: "2026-01-01T00:00:00.000Z" },
  });
  const fact = { kind: "hidden", userId: ada, conversation, messageId: id } as const;
  return {
    logged: { kind: "fact", topic, offset: rev, id, fact },
    effects: [{ to: { kind: "users", userIds: [ada] }, event: { ev: "message", message } }],
  };
}

function revsOf({ effects }: Applied): number[] {
  return effects.flatMap(({ event }) => (event?.ev === "message" ? [event.message.rev] : []));
}
