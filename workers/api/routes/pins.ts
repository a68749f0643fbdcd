import { OpenAPIHono, z } from "@hono/zod-openapi";
import { and, desc, eq, isNotNull, sql } from "drizzle-orm";
import { Problem } from "../../../lib/problem.ts";
import { messageColumn } from "../../../lib/views/message.ts";
import { members } from "../../../schema/tables/conversations.ts";
import { messages } from "../../../schema/tables/messages.ts";
import { ConversationId } from "../../../schema/wire/conversation-id.ts";
import { MessageId } from "../../../schema/wire/ids.ts";
import { Message } from "../../../schema/wire/message.ts";
import { PageQuery, page } from "../../../schema/wire/page.ts";
import type { ApiHono } from "../context.ts";
import { decodeCursor, keyField, toPage } from "../cursor.ts";
import { isShownTo } from "../hide-message.ts";
import { json, route } from "../route.ts";

/** The pinned messages of a conversation. */
export const pins = new OpenAPIHono<ApiHono>();

const Key = z.tuple([keyField.time, MessageId]);

pins.openapi(
  route(
    {
      method: "get",
      path: "/conversations/{conversationId}/pins",
      tags: ["Conversations"],
      summary: "List a conversation's pinned messages, the last pinned first",
      request: { params: z.object({ conversationId: ConversationId }), query: PageQuery },
      responses: { 200: json(page(Message), "The messages") },
    },
    "conversation_not_found",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const { conversationId } = context.req.valid("param");
    const { limit, cursor } = context.req.valid("query");
    const after = cursor === undefined ? undefined : decodeCursor(Key, cursor);
    const found = api.database
      .select({ id: messages.id, pinnedAt: messages.pinnedAt, message: messageColumn().as("message") })
      .from(messages)
      .where(
        and(
          eq(messages.conversation, conversationId),
          isNotNull(messages.pinnedAt),
          isShownTo(caller.userId),
          after &&
            sql`(${messages.pinnedAt}, ${messages.id}) < (${after[0]}::timestamptz, ${after[1]}::bigint)`,
        ),
      )
      .orderBy(desc(messages.pinnedAt), desc(messages.id))
      .limit(limit + 1)
      .as("found");
    const rows = await api.database
      .select({ id: found.id, pinnedAt: found.pinnedAt, message: found.message })
      .from(members)
      .leftJoinLateral(found, sql`true`)
      .where(and(eq(members.conversation, conversationId), eq(members.userId, caller.userId)))
      .orderBy(desc(found.pinnedAt), desc(found.id));
    if (rows.length === 0) throw new Problem("conversation_not_found");
    const pinned = rows.flatMap(({ id, pinnedAt, message }) =>
      id === null || pinnedAt === null || message === null ? [] : [{ id, pinnedAt, message }],
    );
    const pinPage = toPage(
      pinned,
      limit,
      ({ id, pinnedAt }) => [pinnedAt.toISOString(), id],
      ({ message }) => message,
    );
    return context.json(pinPage, 200);
  },
);
