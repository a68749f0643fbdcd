import { OpenAPIHono, z } from "@hono/zod-openapi";
import { Problem } from "../../../lib/problem.ts";
import { History, HistoryQuery } from "../../../schema/wire/conversation.ts";
import { ConversationId } from "../../../schema/wire/conversation-id.ts";
import type { ApiHono } from "../context.ts";
import { historyCursor, historyRange } from "../history-range.ts";
import { readHistory } from "../read-history.ts";
import { json, route } from "../route.ts";

/** The history of a conversation. */
export const history = new OpenAPIHono<ApiHono>();

history.openapi(
  route(
    {
      method: "get",
      path: "/conversations/{conversationId}/messages",
      tags: ["Conversations"],
      summary: "Read a conversation's history",
      description:
        "Items are in rising `seq`: the first after `after`, or else the last before `before`, or else the newest. `nextCursor` continues in the same direction.",
      request: { params: z.object({ conversationId: ConversationId }), query: HistoryQuery },
      responses: { 200: json(History, "The messages") },
    },
    "conversation_not_found",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const { conversationId } = context.req.valid("param");
    const query = context.req.valid("query");
    const range = historyRange(query);
    const rows = await readHistory(api.database, caller.userId, conversationId, range, query.limit + 1);
    const [first] = rows;
    if (first === undefined) throw new Problem("conversation_not_found");
    const stored = rows.flatMap(({ message }) => message ?? []);
    const items = stored.slice(0, query.limit).sort((a, b) => a.seq - b.seq);
    const nextCursor = stored.length > query.limit ? historyCursor(range, items) : null;
    return context.json({ items, nextCursor, firstSeq: first.firstSeq }, 200);
  },
);
