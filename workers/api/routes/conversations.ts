import { OpenAPIHono, z } from "@hono/zod-openapi";
import { Problem } from "../../../lib/problem.ts";
import { conversationTopic, userTopic } from "../../../lib/topic.ts";
import {
  Conversation,
  ConversationChange,
  MAX_READERS,
  ReadMark,
  Reads,
} from "../../../schema/wire/conversation.ts";
import { ConversationId } from "../../../schema/wire/conversation-id.ts";
import { MessageId } from "../../../schema/wire/ids.ts";
import { PageQuery, page } from "../../../schema/wire/page.ts";
import type { ApiHono } from "../context.ts";
import { changeConversation, findConversation, listConversations, readsOf } from "../conversations.ts";
import { decodeCursor, toPage } from "../cursor.ts";
import { hideMessage } from "../hide-message.ts";
import { json, jsonBody, route } from "../route.ts";
import { submitOne } from "../submit.ts";

const tags = ["Conversations"];

/** The caller's conversations. */
export const conversationRoutes = new OpenAPIHono<ApiHono>();

const Key = z.tuple([MessageId, ConversationId]);
const params = z.object({ conversationId: ConversationId });

conversationRoutes.openapi(
  route({
    method: "get",
    path: "/conversations",
    tags,
    summary: "List the caller's conversations, the latest first",
    description:
      "`unread` counts the messages of others after `readSeq`; writing a message moves `readSeq` to it.",
    request: { query: PageQuery },
    responses: { 200: json(page(Conversation), "The conversations") },
  }),
  async (context) => {
    const { api, caller } = context.var;
    const { limit, cursor } = context.req.valid("query");
    const after = cursor === undefined ? undefined : decodeCursor(Key, cursor);
    const rows = await listConversations(api, caller.userId, limit + 1, after);
    const conversationPage = toPage(
      rows,
      limit,
      ({ lastChange, conversation }) => [lastChange, conversation.id],
      ({ conversation }) => conversation,
    );
    return context.json(conversationPage, 200);
  },
);

conversationRoutes.openapi(
  route(
    {
      method: "get",
      path: "/conversations/{conversationId}",
      tags,
      summary: "Get one of the caller's conversations",
      request: { params },
      responses: { 200: json(Conversation, "The conversation") },
    },
    "conversation_not_found",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const { conversationId } = context.req.valid("param");
    const found = await findConversation(api, caller.userId, conversationId);
    if (found === undefined) throw new Problem("conversation_not_found");
    return context.json(found, 200);
  },
);

conversationRoutes.openapi(
  route(
    {
      method: "patch",
      path: "/conversations/{conversationId}",
      tags,
      summary: "Mute, pin or archive a conversation, or keep a draft, for the caller alone",
      description:
        "Null clears; fields that are left out do not change. The caller's devices get `conversation.updated`.",
      request: { params, body: jsonBody(ConversationChange) },
      responses: { 200: json(Conversation, "The changed conversation") },
    },
    "conversation_not_found",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const { conversationId } = context.req.valid("param");
    const changed = await changeConversation(api, caller.userId, conversationId, context.req.valid("json"));
    if (changed === undefined) throw new Problem("conversation_not_found");
    await api.logic.relayFacts([userTopic(caller.userId)]);
    return context.json(changed, 200);
  },
);

conversationRoutes.openapi(
  route(
    {
      method: "put",
      path: "/conversations/{conversationId}/read",
      tags,
      summary: "Set how far the caller has read",
      description: "Never moves back, and never past the newest message.",
      request: { params, body: jsonBody(ReadMark) },
      responses: { 204: { description: "The position is stored" } },
    },
    "conversation_not_found",
    "unavailable",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const { conversationId: conversation } = context.req.valid("param");
    const { seq } = context.req.valid("json");
    await submitOne(api, caller.userId, { op: "read", conversation, seq });
    return context.body(null, 204);
  },
);

conversationRoutes.openapi(
  route(
    {
      method: "get",
      path: "/conversations/{conversationId}/reads",
      tags,
      summary: "See how far the members have read",
      description: `Of more than ${MAX_READERS} members there is only their count, and only the reader's own devices get \`read\` events.`,
      request: { params },
      responses: { 200: json(Reads, "How far each member has read") },
    },
    "conversation_not_found",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const reads = await readsOf(api.database, caller.userId, context.req.valid("param").conversationId);
    if (reads === undefined) throw new Problem("conversation_not_found");
    return context.json(reads, 200);
  },
);

conversationRoutes.openapi(
  route(
    {
      method: "delete",
      path: "/conversations/{conversationId}/messages/{messageId}",
      tags,
      summary: "Hide a message from the caller",
      description:
        "The message is left out of everything the caller reads from then on; others still see it. The caller's devices get `message.hidden`, and `hidden` of a sync names it to those that were away.",
      request: { params: params.extend({ messageId: MessageId }) },
      responses: { 204: { description: "The message is hidden" } },
    },
    "conversation_not_found",
    "message_not_found",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const { conversationId, messageId } = context.req.valid("param");
    const problem = await hideMessage(api.database, caller.userId, conversationId, messageId);
    if (problem !== null) throw new Problem(problem);
    await api.logic.relayFacts([conversationTopic(conversationId)]);
    return context.body(null, 204);
  },
);
