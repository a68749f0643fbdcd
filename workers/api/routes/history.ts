import { OpenAPIHono, z } from "@hono/zod-openapi";
import { and, asc, desc, eq, gt, lt, sql } from "drizzle-orm";
import { Problem } from "../../../lib/problem.ts";
import { messageColumn } from "../../../lib/views/message.ts";
import { conversations, members } from "../../../schema/tables/conversations.ts";
import { messages } from "../../../schema/tables/messages.ts";
import { History, HistoryQuery } from "../../../schema/wire/conversation.ts";
import { ConversationId } from "../../../schema/wire/conversation-id.ts";
import type { ApiHono } from "../context.ts";
import { isShownTo } from "../hide-message.ts";
import { historyCursor, historyRange } from "../history-range.ts";
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
    const found = api.database
      .select({ seq: messages.seq, message: messageColumn().as("message") })
      .from(messages)
      .where(
        and(
          eq(messages.conversation, conversationId),
          range.after === undefined ? undefined : gt(messages.seq, range.after),
          range.before === undefined ? undefined : lt(messages.seq, range.before),
          isShownTo(caller.userId),
        ),
      )
      .orderBy(range.forward ? asc(messages.seq) : desc(messages.seq))
      .limit(query.limit + 1)
      .as("found");
    const rows = await api.database
      .select({ message: found.message, firstSeq: conversations.firstSeq })
      .from(members)
      .innerJoin(conversations, eq(conversations.id, members.conversation))
      .leftJoinLateral(found, sql`true`)
      .where(and(eq(members.conversation, conversationId), eq(members.userId, caller.userId)))
      .orderBy(range.forward ? asc(found.seq) : desc(found.seq));
    const [first] = rows;
    if (first === undefined) throw new Problem("conversation_not_found");
    const stored = rows.flatMap(({ message }) => message ?? []);
    const items = stored.slice(0, query.limit).sort((a, b) => a.seq - b.seq);
    const nextCursor = stored.length > query.limit ? historyCursor(range, items) : null;
    return context.json({ items, nextCursor, firstSeq: first.firstSeq }, 200);
  },
);
