import { describe, expect, it } from "vitest";
import { groupConversation } from "../../../schema/wire/conversation-id.ts";
import { ClientId, GroupId, MessageId, Rev, Seq, UserId } from "../../../schema/wire/ids.ts";
import type { Message } from "../../../schema/wire/message.ts";
import type { Operation } from "../../../schema/wire/operation.ts";
import { check } from "./checker.ts";
import type { Copy, Heard, Performed, RunHistory } from "./history.ts";

const ada = UserId.parse("1");
const ben = UserId.parse("2");
const conversation = groupConversation(GroupId.parse("9"));

describe("the checker", () => {
  it("finds nothing where every promise is kept", () => {
    expect(kinds(sound())).toEqual([]);
  });

  it("finds an accepted message that is nowhere", () => {
    const history = sound();
    for (const { messages } of [...history.readings, ...history.devices]) messages.pop();
    expect(kinds(history)).toEqual(["lost"]);
  });

  it("finds a message that is there twice", () => {
    const history = sound();
    for (const { messages } of [...history.readings, ...history.devices]) messages.push(text(4, 3));
    expect(kinds(history)).toEqual(["doubled"]);
  });

  it("finds two messages of one author that have changed places", () => {
    const history = sound();
    for (const { messages } of [...history.readings, ...history.devices]) {
      messages.splice(0, 3, text(1, 2), text(2, 1), text(3, 3));
    }
    expect(kinds(history)).toEqual(["reordered"]);
  });

  it("finds a gap", () => {
    const history = sound();
    for (const { messages } of [...history.readings, ...history.devices]) messages.splice(1, 1);
    expect(kinds(history)).toContain("gap");
  });

  it("finds a refused message that is stored", () => {
    const history = sound();
    const [, second] = history.performed;
    if (second !== undefined) second.outcome = "refused";
    expect(kinds(history)).toEqual(["stored though refused"]);
  });

  it("finds a message that nobody has sent", () => {
    const history = sound();
    history.performed.pop();
    expect(kinds(history)).toEqual(["from nowhere"]);
  });

  it("says nothing of a message without a response, whether it is stored or not", () => {
    const history = sound();
    history.performed.push(sent(7, "open"));
    const [, second] = history.performed;
    if (second !== undefined) second.outcome = "open";
    expect(kinds(history)).toEqual([]);
  });

  it("finds a device that lacks a message, and one that has an older version", () => {
    const lacking = sound();
    lacking.devices[0]?.messages.pop();
    expect(kinds(lacking)).toEqual(["lost"]);
    const older = sound();
    older.devices[0]?.messages.splice(2, 1, { ...text(3, 3), content: { type: "text", text: "older" } });
    expect(kinds(older)).toEqual(["differs"]);
  });

  it("finds an accepted change that was not applied", () => {
    for (const operation of [
      { op: "edit", content: { type: "text", text: "changed" } },
      { op: "recall" },
      { op: "react", emoji: "👍", on: true },
    ] as const) {
      const history = sound();
      const target = { conversation, clientId: clientId(50), messageId: text(2, 2).id };
      history.performed.push({
        author: "ada",
        userId: ada,
        operation: { ...operation, ...target },
        outcome: "accepted",
      });
      expect(kinds(history)).toEqual(["not applied"]);
    }
  });

  it("finds changes that a socket got in the wrong order, but takes repeats of older ones", () => {
    expect(kinds(sound(heard(1, 3, 2)))).toEqual(["reordered"]);
    expect(kinds(sound(heard(1, 2, 3, 2, 1)))).toEqual([]);
  });

  it("finds what a socket got after its person has left", () => {
    const [first, second, third] = heard(1, 2, 3);
    if (first === undefined || second === undefined || third === undefined)
      throw new Error("three were heard");
    const left: Heard = { kind: "left", conversation, at: 2 };
    const joined: Heard = { kind: "joined", conversation, at: 3 };
    expect(kinds(sound([first, left, second, third]))).toEqual(["leaked"]);
    expect(kinds(sound([first, left, joined, second, third]))).toEqual([]);
  });
});

/** Three messages of Ada's, which everybody has. */
function sound(socket: Heard[] = heard(1, 2, 3)): RunHistory {
  const copy = (owner: string): Copy => ({ owner, conversation, messages: [1, 2, 3].map((n) => text(n, n)) });
  return {
    performed: [1, 2, 3].map((number) => sent(number, "accepted")),
    sockets: [{ device: "ben's", userId: ben, openedAt: 0, heard: socket }],
    readings: [copy("ada"), copy("ben")],
    devices: [copy("ben's")],
  };
}

function kinds(history: RunHistory): string[] {
  return [...new Set(check(history).map(({ kind }) => kind))];
}

function clientId(number: number): ClientId {
  return ClientId.parse(`00000000-0000-4000-8000-${String(number).padStart(12, "0")}`);
}

function sent(number: number, outcome: Performed["outcome"]): Performed {
  const content = { type: "text", text: `text ${number}` } as const;
  const operation: Operation = { op: "send", conversation, clientId: clientId(number), content };
  return { author: "ada", userId: ada, operation, outcome };
}

/** The message in this place that Ada has sent as this one. */
function text(seq: number, number: number): Message {
  return {
    ...{
      id: MessageId.parse(String(seq)),
      conversation,
      seq: Seq.parse(seq),
      rev: Rev.parse(seq),
      senderId: ada,
      clientId: clientId(number),
    },
    ...{ content: { type: "text", text: `text ${number}` }, sentAt: "2026-01-01T00:00:00.000Z" },
  };
}

function heard(...revs: number[]): Heard[] {
  return revs.map((rev) => ({ kind: "message", conversation, at: 1, rev }));
}
