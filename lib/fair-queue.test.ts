import { describe, expect, it } from "vitest";
import { FairQueue } from "./fair-queue.ts";

/** A queue of words. The first letter of a word is its producer. */
function queueOf(...words: string[]): FairQueue<string, string> {
  const queue = new FairQueue<string, string>();
  for (const word of words) queue.add(word.charAt(0), word, word.length);
  return queue;
}

const all = { items: 10_000, weight: 1_000_000 };

describe("a fair queue", () => {
  it("keeps the order of one producer", () => {
    const queue = queueOf("a1", "a2", "a3");
    expect(queue.take(all)).toEqual(["a1", "a2", "a3"]);
    expect(queue.isEmpty).toBe(true);
  });

  it("takes from each producer in turn", () => {
    expect(queueOf("a1", "a2", "a3", "b1", "b2", "c1").take(all)).toEqual([
      "a1",
      "b1",
      "c1",
      "a2",
      "b2",
      "a3",
    ]);
  });

  it("continues with the next producer where the last take stopped", () => {
    const queue = queueOf("a1", "a2", "b1", "c1", "d1");
    expect(queue.take({ ...all, items: 2 })).toEqual(["a1", "b1"]);
    expect(queue.take({ ...all, items: 2 })).toEqual(["c1", "d1"]);
    expect(queue.take({ ...all, items: 2 })).toEqual(["a2"]);
  });

  it("stops before it exceeds the weight, and takes the item that did not fit first next time", () => {
    const queue = queueOf("a1", "bbbbbbbb", "c1");
    expect(queue.take({ ...all, weight: 5 })).toEqual(["a1"]);
    expect(queue.take({ ...all, weight: 5 })).toEqual(["bbbbbbbb"]);
    expect(queue.take({ ...all, weight: 5 })).toEqual(["c1"]);
  });

  it("knows the waiting weight, in total and of each producer, and the heaviest producer", () => {
    const queue = queueOf("a1", "b1", "b2", "c1");
    expect([queue.weight, queue.weightOf("b"), queue.weightOf("z")]).toEqual([8, 4, 0]);
    expect(queue.heaviest()).toBe("b");
    queue.drop("b");
    expect([queue.weight, queue.weightOf("b")]).toEqual([4, 0]);
    queue.take(all);
    expect([queue.weight, queue.heaviest(), queue.isEmpty]).toEqual([0, undefined, true]);
  });

  it("returns 10,000 items of one producer in order, and is empty then", () => {
    const queue = new FairQueue<string, number>();
    const taken: number[] = [];
    for (let item = 0; item < 10_000; item++) queue.add("a", item, 1);
    while (!queue.isEmpty) taken.push(...queue.take({ items: 7, weight: 100 }));
    expect(taken).toEqual(Array.from({ length: 10_000 }, (_, item) => item));
    expect(queue.weight).toBe(0);
  });
});
