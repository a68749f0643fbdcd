import { describe, expect, it, vi } from "vitest";
import { Batcher } from "./batcher.ts";

/** A batcher of words whose hand-overs end when the test says so. */
function controlled(bounds: { items?: number; weight?: number; waiting?: number } = {}) {
  const batches: string[][] = [];
  const ends: { succeed: () => void; fail: () => void }[] = [];
  const failed = vi.fn();
  const batcher = new Batcher<string>(
    (batch) => {
      batches.push(batch);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      ends.push({ succeed: resolve, fail: () => reject(new Error("down")) });
      return promise;
    },
    failed,
    { items: 500, weight: 1_000, waiting: 1_000, weigh: (word) => word.length, ...bounds },
  );
  return { batcher, batches, ends, failed };
}

/** Lets everything that is already settled run on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
}

describe("a batcher", () => {
  it("hands over at once when idle", () => {
    const { batcher, batches } = controlled();
    batcher.add("a");
    expect(batches).toEqual([["a"]]);
  });

  it("gathers what comes meanwhile into the next batch, in order", async () => {
    const { batcher, batches, ends } = controlled();
    for (const word of ["a", "b", "c", "d"]) batcher.add(word);
    ends[0]?.succeed();
    await settle();
    expect(batches).toEqual([["a"], ["b", "c", "d"]]);
  });

  it("bounds a batch by its items and by its weight, and takes one that is too heavy alone", async () => {
    const { batcher, batches, ends } = controlled({ items: 2, weight: 4 });
    for (const word of ["a", "b", "c", "d", "eeeeeeee", "ff", "gg"]) batcher.add(word);
    for (let batch = 0; batch < 5; batch++) {
      ends[batch]?.succeed();
      await settle();
    }
    expect(batches).toEqual([["a"], ["b", "c"], ["d"], ["eeeeeeee"], ["ff", "gg"]]);
  });

  it("turns away what is over the bound, and takes again once there is room", async () => {
    const { batcher, batches, ends } = controlled({ waiting: 3 });
    batcher.add("a");
    expect(batcher.add("bb")).toBe(true);
    expect(batcher.add("cc")).toBe(false);
    ends[0]?.succeed();
    await settle();
    expect(batcher.add("dd")).toBe(true);
    ends[1]?.succeed();
    await settle();
    expect(batches).toEqual([["a"], ["bb"], ["dd"]]);
  });

  it("tells of a batch that failed and goes on with the next", async () => {
    const { batcher, batches, ends, failed } = controlled();
    batcher.add("a");
    batcher.add("b");
    ends[0]?.fail();
    await settle();
    expect(failed).toHaveBeenCalledExactlyOnceWith(["a"], new Error("down"));
    expect(batches).toEqual([["a"], ["b"]]);
  });
});
