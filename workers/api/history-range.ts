import { z } from "zod";
import type { HistoryQuery } from "../../schema/wire/conversation.ts";
import { Seq } from "../../schema/wire/ids.ts";
import type { Message } from "../../schema/wire/message.ts";
import { decodeCursor, encodeCursor, keyField } from "./cursor.ts";

/** The part of a history to read, and the direction: forward from `after`, or backward from `before` or the end. */
export type HistoryRange = { forward: boolean; after: Seq | undefined; before: Seq | undefined };

const Key = z.tuple([z.enum(["after", "before"]), keyField.number.transform(Number).pipe(Seq)]);

/** The range of a query. Its cursor replaces `after` when reading forward, or `before` when reading backward. */
export function historyRange({ after, before, cursor }: HistoryQuery): HistoryRange {
  if (cursor === undefined) return { forward: after !== undefined, after, before };
  const [end, seq] = decodeCursor(Key, cursor);
  return { forward: end === "after", after, before, [end]: seq };
}

/** The cursor of the next page after these messages, which are in rising seq. */
export function historyCursor({ forward }: HistoryRange, items: Message[]): string | null {
  const edge = forward ? items.at(-1) : items[0];
  return edge === undefined ? null : encodeCursor([forward ? "after" : "before", String(edge.seq)]);
}
