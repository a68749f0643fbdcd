import { OpenAPIHono, z } from "@hono/zod-openapi";
import { Problem } from "../../../lib/problem.ts";
import { MessageId } from "../../../schema/wire/ids.ts";
import { FoundMessage, MessageSearchQuery } from "../../../schema/wire/message-search.ts";
import { page } from "../../../schema/wire/page.ts";
import type { ApiHono } from "../context.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { json, route } from "../route.ts";
import { searchMessages } from "../search-messages.ts";

/** The search of messages. */
export const messageSearch = new OpenAPIHono<ApiHono>();

const Key = z.tuple([MessageId]);

messageSearch.openapi(
  route(
    {
      method: "get",
      path: "/search/messages",
      tags: ["Conversations"],
      summary: "Search the messages of the caller's conversations, the newest first",
      description:
        "Finds the texts in which each word of the query begins a word, ignoring case; characters of Chinese, Japanese and Korean, and signs, are found anywhere. Recalled messages, and those that the caller has hidden, are not found. `highlights` are UTF-16 places in `text`, the end exclusive. A new or changed message is found within about a second. A page can have fewer items than `limit` before the last one.",
      request: { query: MessageSearchQuery },
      responses: { 200: json(page(FoundMessage), "The messages found") },
    },
    "conversation_not_found",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const { query, conversation, senderId, limit, cursor } = context.req.valid("query");
    const [before] = cursor === undefined ? [] : decodeCursor(Key, cursor);
    const search = { userId: caller.userId, query, conversation, senderId };
    const result = await searchMessages(api.database, search, limit, before);
    if (result === null) throw new Problem("conversation_not_found");
    const nextCursor = result.next === null ? null : encodeCursor([result.next]);
    return context.json({ items: result.found, nextCursor }, 200);
  },
);
