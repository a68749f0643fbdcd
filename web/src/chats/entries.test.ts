import { expect, it } from "vitest";
import type { Message } from "../../../schema/wire/message.ts";
import { ann, annAndBen, ben, clientId, message, unsent, unsentReaction } from "../client/testing.ts";
import { entriesOf, unsentIn } from "./entries.ts";

const RECALLED = { content: null, recalledAt: "2026-11-25T09:00:00.000Z" };

/** A stored reply, whose excerpt is what the first message said when it was written. */
function reply(seq: number, to: Message): Message {
  const { id, senderId } = to;
  return { ...message(seq, { from: ann }), replyTo: { id, seq: to.seq, senderId, excerpt: "as it was" } };
}

it("puts unsent messages after stored ones", () => {
  const entries = entriesOf([message(1)], [unsent(2, { at: Date.now() })], ann.id);
  expect(entries.map(({ state }) => state)).toEqual(["stored", "pending"]);
});

it("keeps a message's key when it is stored", () => {
  const [before] = entriesOf([], [unsent(1)], ann.id);
  const [after] = entriesOf([message(1, { from: ann })], [], ann.id);
  expect(before?.key).toBe(after?.key);
});

it("marks the first of a day and of a run by one sender", () => {
  const stored = [message(1), message(2), message(3, { from: ann })];
  const entries = entriesOf(stored, [unsent(4, { at: Date.parse("2027-01-01T12:00:00Z") })], ann.id);
  expect(entries.map(({ startsDay }) => startsDay)).toEqual([true, false, false, true]);
  expect(entries.map(({ startsRun }) => startsRun)).toEqual([true, false, true, true]);
});

it("orders unsent messages by when they were written", () => {
  const messages = [unsent(1, { at: 9 }), unsent(2, { at: 3 })];
  const byId = new Map(messages.map((each) => [each.operation.clientId, each]));
  expect(unsentIn(annAndBen, byId).map(({ at }) => at)).toEqual([3, 9]);
  expect(entriesOf([message(1)], [], ben.id)[0]?.senderId).toBe(ben.id);
});

it("says of a recalled message that it was recalled", () => {
  expect(entriesOf([{ ...message(1), ...RECALLED }], [], ann.id)[0]?.text).toBe("Message recalled");
});

it("shows an unfinished change at its message, and one that failed rather than another", () => {
  const [first, last] = [unsentReaction(2, message(1)), unsentReaction(4, message(1))];
  const failed = { ...unsentReaction(3, message(1)), state: "failed" as const, problem: "Not allowed" };
  const entries = entriesOf([message(1)], [first, failed, last], ann.id);
  expect(entries).toHaveLength(1);
  expect(entries[0]).toMatchObject({ state: "stored", unfinished: failed });
  expect(entriesOf([message(1)], [unsentReaction(3, message(1))], ann.id)[0]?.unfinished?.state).toBe(
    "pending",
  );
});

it("quotes what a message replies to, as the server described it", () => {
  const [entry] = entriesOf([reply(2, message(1))], [], ann.id);
  expect(entry).toMatchObject({ quotedSenderId: ben.id, quotedText: "as it was" });
});

it("quotes a message that was edited or recalled since as it is now, also when it is not shown", () => {
  const original = message(1, { rev: 3, text: "edited" });
  const quoted = (held: Message) => entriesOf([reply(2, held)], [], ann.id, [held])[0]?.quotedText;
  expect(quoted(original)).toBe("edited");
  expect(quoted({ ...original, ...RECALLED })).toBe("Message recalled");
});

it("quotes in a reply that is not sent yet", () => {
  const { operation } = unsent(2);
  const replying = {
    ...unsent(2),
    operation: { ...operation, op: "send", replyTo: message(1).id, clientId: clientId(2) },
  } as const;
  expect(entriesOf([message(1)], [replying], ann.id)[1]).toMatchObject({ quotedText: "text 1" });
});

it("keeps the fields of an entry that has not changed, so that it is not drawn again", () => {
  const stored = [message(1), reply(2, message(1))];
  const [first, second] = [entriesOf(stored, [], ann.id)[1], entriesOf(stored, [unsent(3)], ann.id)[1]];
  if (first === undefined || second === undefined) return expect.fail("no entry");
  for (const key of Object.keys(first) as (keyof typeof first)[]) expect(second[key]).toBe(first[key]);
});
