import { describe, expect, it } from "vitest";
import { z } from "zod";
import { decodeCursor, encodeCursor, keyField, toPage } from "./cursor.ts";

const Key = z.tuple([keyField.number, keyField.text]);
const page = (rows: string[], limit: number) =>
  toPage(
    rows,
    limit,
    (row) => ["1", row],
    (row) => row.toUpperCase(),
  );

describe("a page", () => {
  it("ends with the list when no further row was found", () => {
    expect(page(["a", "b"], 2)).toEqual({ items: ["A", "B"], nextCursor: null });
    expect(page([], 2)).toEqual({ items: [], nextCursor: null });
  });

  it("leads on behind its last item when one more row was found", () => {
    const { items, nextCursor } = page(["a", "b", "c"], 2);
    expect(items).toEqual(["A", "B"]);
    expect(decodeCursor(Key, nextCursor ?? "")).toEqual(["1", "b"]);
  });
});

describe("a cursor", () => {
  it("keeps any text", () => {
    const key = ["0", "straße 😀"];
    expect(decodeCursor(Key, encodeCursor(key))).toEqual(key);
  });

  it.each([
    ["nonsense", "!!!"],
    ["of another shape", encodeCursor(["1"])],
    ["with a number that is none", encodeCursor(["1 OR 1", "b"])],
    ["with what Postgres cannot hold", encodeCursor(["1", "\u0000"])],
  ])("that is %s is a bad request", (_, cursor) => {
    expect(() => decodeCursor(Key, cursor)).toThrow(expect.objectContaining({ code: "invalid_request" }));
  });
});
