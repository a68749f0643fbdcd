import { describe, expect, it, vi } from "vitest";
import { Batcher } from "./batcher.ts";

/** A batcher of words. The first letter of a word is its producer; the test decides when each hand-over ends. */
function controlled(most: { items?: number; weight?: number } = {}) {
  const batches: string[][] = [];
  const ends: { succeed: () => void; fail: () => void }[] = [];
  const failed = vi.fn();
  const batcher = new Batcher<string, string>(
    (batch) => {
      batches.push(batch);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      ends.push({ succeed: resolve, fail: () => reject(new Error("down")) });
      return promise;
    },
    failed,
    { items: 500, weight: 1_000, ...most },
  );
  const add = (...words: string[]) => {
    for (const word of words) batcher.add(word.charAt(0), word, word.length);
  };
  return { add, batcher, batches, ends, failed };
}

/** Runs the continuations of all promises that are settled. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
}

describe("a batcher", () => {
  it("hands over at once when idle", () => {
    const { add, batches } = controlled();
    add("a");
    expect(batches).toEqual([["a"]]);
  });

  it("gathers items that arrive during a hand-over into the next batch, fairly", async () => {
    const { add, batches, ends } = controlled();
    add("a1", "a2", "a3", "b1", "c1");
    ends[0]?.succeed();
    await settle();
    expect(batches).toEqual([["a1"], ["a2", "b1", "c1", "a3"]]);
  });

  it("bounds a batch by its items and by its weight", async () => {
    const { add, batches, ends } = controlled({ items: 2, weight: 4 });
    add("a", "b", "c", "d", "eeeeeeee", "ff", "gg");
    for (let batch = 0; batch < 5; batch++) {
      ends[batch]?.succeed();
      await settle();
    }
    expect(batches).toEqual([["a"], ["b", "c"], ["d"], ["eeeeeeee"], ["ff", "gg"]]);
  });

  it("reports a failed batch and continues with the next", async () => {
    const { add, batches, ends, failed } = controlled();
    add("a", "b");
    ends[0]?.fail();
    await settle();
    expect(failed).toHaveBeenCalledExactlyOnceWith(["a"], new Error("down"));
    expect(batches).toEqual([["a"], ["b"]]);
  });

  it("does not hand over dropped items", async () => {
    const { add, batcher, batches, ends } = controlled();
    add("a1", "a2", "b1");
    batcher.waiting.drop("a");
    ends[0]?.succeed();
    await settle();
    expect(batches).toEqual([["a1"], ["b1"]]);
  });
});
