import { describe, expect, it } from "vitest";
import { fairShare, type ShareSource } from "./fair-share.ts";

/** A source of items named `<name><number>`, each of `size` bytes. */
function source(name: string, count: number, size = 1): ShareSource<string> {
  let next = 0;
  return {
    take: (limits) => {
      const items: string[] = [];
      while (next < count && items.length < limits.items && items.length * size < limits.bytes) {
        items.push(`${name}${next++}`);
      }
      return { items, bytes: items.length * size, empty: next === count };
    },
  };
}

const countOf = (items: readonly string[], name: string) =>
  items.filter((item) => item.startsWith(name)).length;

describe("a fair share", () => {
  it("takes all items when they fit, those of each source in their order", () => {
    expect(fairShare([source("a", 2), source("b", 1)], { items: 10, bytes: 10 })).toEqual(["a0", "a1", "b0"]);
  });

  it("gives the unused share of short sources to the long ones", () => {
    const taken = fairShare([source("a", 100), source("b", 1), source("c", 100)], {
      items: 21,
      bytes: 1_000,
    });
    expect([countOf(taken, "a"), countOf(taken, "b"), countOf(taken, "c")]).toEqual([10, 1, 10]);
  });

  it("gives a source of large items no more bytes than the others", () => {
    const taken = fairShare([source("a", 100, 50), source("b", 100, 1)], { items: 1_000, bytes: 200 });
    expect(countOf(taken, "a")).toBe(2);
    expect(countOf(taken, "b")).toBe(100);
  });

  it("takes an item that is larger than the whole response", () => {
    expect(fairShare([source("a", 2, 500)], { items: 10, bytes: 100 })).toEqual(["a0"]);
  });

  it("takes one item each from as many sources as fit when there are more sources than items", () => {
    const sources = ["a", "b", "c", "d"].map((name) => source(name, 5));
    expect(fairShare(sources, { items: 3, bytes: 100 })).toEqual(["a0", "b0", "c0"]);
  });
});
