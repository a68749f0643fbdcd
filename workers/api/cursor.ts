import { z } from "zod";
import { Problem } from "../../lib/problem.ts";
import type { Page } from "../../schema/wire/page.ts";
import { isStorable } from "../../schema/wire/text.ts";

/** The sort key of the last item of a page. It is opaque to clients. */
type Key = readonly string[];

/** The cursor of the page that begins after the item with this sort key. */
export function encodeCursor(key: Key): string {
  return Buffer.from(JSON.stringify(key)).toString("base64url");
}

/** The sort key in a cursor, parsed by the list's schema. Throws `invalid_request` for an invalid cursor. */
export function decodeCursor<Schema extends z.ZodType>(schema: Schema, cursor: string): z.output<Schema> {
  const parsed = schema.safeParse(parseKey(cursor));
  if (parsed.success) return parsed.data;
  throw new Problem("invalid_request", {
    detail: "The cursor is not one of this list",
    errors: [{ path: "cursor", message: "is not a cursor of this list" }],
  });
}

/** Makes a page of the rows of a query with `limit + 1`: the additional row means that there is a next page. */
export function toPage<Row, Item>(
  rows: Row[],
  limit: number,
  keyOf: (row: Row) => Key,
  toItem: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const nextCursor = rows.length > limit && last !== undefined ? encodeCursor(keyOf(last)) : null;
  return { items: shown.map(toItem), nextCursor };
}

/** The fields of a sort key: a number, an id, a time, or any text that a store can hold. */
export const keyField = {
  number: z.string().regex(/^(0|[1-9]\d{0,17})$/),
  time: z.iso.datetime({ precision: 3 }),
  text: z.string().max(256).refine(isStorable),
};

function parseKey(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch {
    // The schema refuses `undefined`, so this is reported as an invalid cursor.
    return undefined;
  }
}
