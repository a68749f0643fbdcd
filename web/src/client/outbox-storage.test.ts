import { expect, it } from "vitest";
import { OutboxStorage } from "./outbox-storage.ts";
import { ann, ben, memoryStorage, message, unsent, unsentReaction } from "./testing.ts";

it("gives operations back in the order they were made, each person their own", () => {
  const storage = memoryStorage();
  const anns = new OutboxStorage(storage, ann.id);
  anns.put(unsent(1, { at: 20 }));
  anns.put(unsentReaction(2, message(1)));
  new OutboxStorage(storage, ben.id).put(unsent(3));
  expect(new OutboxStorage(storage, ann.id).read()).toEqual([
    unsentReaction(2, message(1)),
    unsent(1, { at: 20 }),
  ]);
});

it("leaves out what is not valid", () => {
  const storage = memoryStorage();
  storage.setItem(`im.outbox.${ann.id}.x`, "{");
  expect(new OutboxStorage(storage, ann.id).read()).toEqual([]);
});

it("deletes one person's operations", () => {
  const storage = memoryStorage();
  const anns = new OutboxStorage(storage, ann.id);
  const bens = new OutboxStorage(storage, ben.id);
  anns.put(unsent(1));
  anns.put(unsent(2));
  bens.put(unsent(3));
  anns.clear();
  expect(anns.read()).toEqual([]);
  expect(bens.read()).toHaveLength(1);
});
