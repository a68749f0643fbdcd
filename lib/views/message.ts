import type { messages } from "../../schema/tables/messages.ts";
import type { Message } from "../../schema/wire/message.ts";

export type MessageRow = typeof messages.$inferSelect;

/** A stored message as clients get it. */
export function toMessage(row: MessageRow): Message {
  return { ...row, sentAt: row.sentAt.toISOString() };
}
