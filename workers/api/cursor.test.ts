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
  it("has no next cursor when there is no further row", () => {
    expect(page(["a", "b"], 2)).toEqual({ items: ["A", "B"], nextCursor: null });
    expect(page([], 2)).toEqual({ items: [], nextCursor: null });
  });

  it("has a cursor after its last item when there is a further row", () => {
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
    ["not base64url JSON", "!!!"],
    ["of another list", encodeCursor(["1"])],
    ["one with an invalid number", encodeCursor(["1 OR 1", "b"])],
    ["one with text that Postgres cannot store", encodeCursor(["1", "\u0000"])],
  ])("that is %s is a bad request", (_, cursor) => {
    expect(() => decodeCursor(Key, cursor)).toThrow(expect.objectContaining({ code: "invalid_request" }));
  });
});
