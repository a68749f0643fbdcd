import { z } from "zod";
import { ConversationId } from "./conversation-id.ts";
import { UserId } from "./ids.ts";
import { Message } from "./message.ts";
import { PageQuery } from "./page.ts";
import { isStorable, UNSTORABLE } from "./text.ts";

/** A search of messages: in one conversation or in all of the caller's, and of one sender or of all. */
export const MessageSearchQuery = PageQuery.extend({
  query: z.string().trim().min(1).max(64).refine(isStorable, UNSTORABLE),
  conversation: ConversationId.optional(),
  senderId: UserId.optional(),
});

const place = z.int().min(0);

/** A message that was found, with the UTF-16 places of what was searched for in its text; each end is exclusive. */
export const FoundMessage = z
  .object({ message: Message, highlights: z.array(z.tuple([place, place])) })
  .meta({ id: "FoundMessage" });
