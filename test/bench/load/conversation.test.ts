import { describe, expect, it } from "vitest";
import { ConversationId } from "../../../schema/wire/conversation-id.ts";
import { Message } from "../../../schema/wire/message.ts";
import { Conversation, type Member } from "./conversation.ts";
import { Violations } from "./violations.ts";

const ID = ConversationId.parse("dm:1:2");

describe("a conversation of the load", () => {
  it("finds no violation when every device gets every message once and in order", () => {
    const { conversation, ada, ben, sent, found } = twoPeople(2);
    for (const seq of [1, 2])
      for (const device of [ada, ben]) conversation.received(device, message(seq, sent));
    conversation.verify([message(1, sent), message(2, sent)]);
    expect(found()).toEqual([]);
    expect(conversation.verified).toBe(2);
  });

  it("notices a message that a device did not get", () => {
    const { conversation, ada, sent, found } = twoPeople(1);
    conversation.received(ada, message(1, sent));
    conversation.verify([message(1, sent)]);
    expect(found()).toEqual(["dm:1:2: 2 has received up to seq 0 of 1"]);
  });

  it("notices a message that comes out of order", () => {
    const { conversation, ben, sent, found } = twoPeople(2);
    conversation.received(ben, message(2, sent));
    expect(found()).toEqual(["dm:1:2: 2 received seq 2 after 0"]);
  });

  it("counts a repeat, which is a violation only when it differs", () => {
    const { conversation, ben, sent, found } = twoPeople(1);
    for (let time = 0; time < 3; time++) conversation.received(ben, message(1, sent));
    expect(conversation.repeats).toBe(2);
    expect(found()).toEqual([]);
    conversation.received(ben, { ...message(1, sent), rev: 9 } as Message);
    expect(found()).toHaveLength(1);
  });

  it("notices an accepted message that is not in history", () => {
    const { conversation, sent, found } = twoPeople(1);
    conversation.verify([]);
    expect(found()).toEqual([`dm:1:2: ${sent[0]} was accepted and is not in history`]);
  });

  it("notices a message that is twice in history, and a gap", () => {
    const { conversation, ada, ben, sent, found } = twoPeople(1);
    for (const device of [ada, ben]) conversation.received(device, message(1, sent));
    conversation.verify([message(1, sent), { ...message(1, sent), seq: 3, rev: 3 } as Message]);
    expect(found().join("\n")).toMatch(/seq 3 in the place of 2[\s\S]*there twice/);
  });
});

/** Ada, who has sent some accepted messages, and Ben. */
function twoPeople(messages: number) {
  const violations = new Violations();
  const sent: string[] = [];
  const [ada, ben]: [Member, Member] = [
    { userId: "1", send: (_, clientId) => sent.push(clientId) },
    { userId: "2", send: () => {} },
  ];
  const conversation = new Conversation(ID, [ada, ben], violations);
  for (let count = 0; count < messages; count++) conversation.send(ada, "hello", () => {});
  for (const clientId of sent) conversation.accepted(clientId);
  return { conversation, ada, ben, sent, found: () => violations.take() };
}

function message(seq: number, sent: readonly string[]): Message {
  return Message.parse({
    id: String(seq),
    conversation: ID,
    seq,
    rev: seq,
    senderId: "1",
    clientId: sent[seq - 1],
    content: { type: "text", text: "hello" },
    sentAt: "2026-01-01T00:00:00.000Z",
  });
}
