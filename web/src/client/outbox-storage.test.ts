import { expect, it } from "vitest";
import { OutboxStorage } from "./outbox-storage.ts";
import type { Outgoing } from "./state.ts";
import { ann, annAndBen, ben, clientId, memoryStorage } from "./testing.ts";

function unsent(number: number, at: number): Outgoing {
  const state = "pending";
  return { clientId: clientId(number), conversation: annAndBen, text: `${number}`, at, state, problem: null };
}

it("gives messages back in the order they were written, each person their own", () => {
  const storage = memoryStorage();
  const anns = new OutboxStorage(storage, ann.id);
  anns.put(unsent(1, 20));
  anns.put(unsent(2, 10));
  new OutboxStorage(storage, ben.id).put(unsent(3, 5));
  expect(new OutboxStorage(storage, ann.id).read().map(({ text }) => text)).toEqual(["2", "1"]);
});

it("leaves out what is not valid", () => {
  const storage = memoryStorage();
  storage.setItem(`im.outbox.${ann.id}.x`, "{");
  expect(new OutboxStorage(storage, ann.id).read()).toEqual([]);
});

it("deletes one person's messages", () => {
  const storage = memoryStorage();
  const anns = new OutboxStorage(storage, ann.id);
  const bens = new OutboxStorage(storage, ben.id);
  anns.put(unsent(1, 1));
  anns.put(unsent(2, 2));
  bens.put(unsent(3, 3));
  anns.clear();
  expect(anns.read()).toEqual([]);
  expect(bens.read()).toHaveLength(1);
});
