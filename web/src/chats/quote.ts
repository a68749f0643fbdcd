import type { UserId } from "../../../schema/wire/ids.ts";
import { EXCERPT_LENGTH, type Message } from "../../../schema/wire/message.ts";
import { contentText } from "./content-text.ts";

/** Who wrote the message that another one replies to, and its beginning. */
export type Quote = { quotedSenderId: UserId; quotedText: string };

/**
 * What a stored reply quotes. The original, where this device holds it, is newer than the excerpt that came with the
 * reply: it can have been edited or recalled since.
 */
export function quoteOf(
  { senderId, excerpt }: NonNullable<Message["replyTo"]>,
  original: Message | undefined,
): Quote {
  if (original !== undefined) return quoteFrom(original);
  // A picture or a recording has no words.
  const text = excerpt === null ? contentText({ content: null, senderId }) : excerpt || "Attachment";
  return { quotedSenderId: senderId, quotedText: text };
}

/** The quote of a message that is there. */
export function quoteFrom(message: Message): Quote {
  const beginning = [...contentText(message)].slice(0, EXCERPT_LENGTH).join("");
  return { quotedSenderId: message.senderId, quotedText: beginning };
}
