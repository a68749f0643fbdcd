import { expect, it } from "vitest";
import type { Outgoing } from "../client/state.ts";
import { ann, annAndBen, ben, clientId, message } from "../client/testing.ts";
import { entriesOf, unsentIn } from "./entries.ts";

function unsent(number: number, at: number): Outgoing {
  const state = "pending";
  return { clientId: clientId(number), conversation: annAndBen, text: "hello", at, state, problem: null };
}

it("puts unsent messages after stored ones", () => {
  const entries = entriesOf([message(1)], [unsent(2, Date.now())], ann.id);
  expect(entries.map(({ state }) => state)).toEqual(["stored", "pending"]);
});

it("keeps a message's key when it is stored", () => {
  const [before] = entriesOf([], [unsent(1, 0)], ann.id);
  const [after] = entriesOf([message(1, { from: ann })], [], ann.id);
  expect(before?.key).toBe(after?.key);
});

it("marks the first of a day and of a run by one sender", () => {
  const stored = [message(1), message(2), message(3, { from: ann })];
  const entries = entriesOf(stored, [unsent(4, Date.parse("2027-01-01T12:00:00Z"))], ann.id);
  expect(entries.map(({ startsDay }) => startsDay)).toEqual([true, false, false, true]);
  expect(entries.map(({ startsRun }) => startsRun)).toEqual([true, false, true, true]);
});

it("orders unsent messages by when they were written", () => {
  const messages = [unsent(1, 9), unsent(2, 3)];
  const byId = new Map(messages.map((each) => [each.clientId, each]));
  expect(unsentIn(annAndBen, byId).map(({ at }) => at)).toEqual([3, 9]);
  expect(entriesOf([message(1)], [], ben.id)[0]?.senderId).toBe(ben.id);
});

it("says of a recalled message that it was recalled", () => {
  const recalled = { ...message(1), content: null, recalledAt: "2026-11-25T09:00:00.000Z" };
  expect(entriesOf([recalled], [], ann.id)[0]?.text).toBe("Message recalled");
});
