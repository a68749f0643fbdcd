import { OpenAPIHono, z } from "@hono/zod-openapi";
import { and, desc, eq, type SQL, sql } from "drizzle-orm";
import { onlineCounts } from "../../../lib/presence.ts";
import { SNOWFLAKE_EPOCH } from "../../../lib/snowflake.ts";
import { toGroup } from "../../../lib/views/group.ts";
import { MENTIONED } from "../../../lib/views/mentioned.ts";
import { messageColumn } from "../../../lib/views/message.ts";
import { userColumn } from "../../../lib/views/user.ts";
import { conversations, members } from "../../../schema/tables/conversations.ts";
import { groups } from "../../../schema/tables/groups.ts";
import { messages } from "../../../schema/tables/messages.ts";
import { users } from "../../../schema/tables/users.ts";
import { Conversation, ReadMark } from "../../../schema/wire/conversation.ts";
import { ConversationId } from "../../../schema/wire/conversation-id.ts";
import { type GroupId, MessageId, type UserId } from "../../../schema/wire/ids.ts";
import { PageQuery, page } from "../../../schema/wire/page.ts";
import type { User } from "../../../schema/wire/user.ts";
import type { Api, ApiHono } from "../context.ts";
import { decodeCursor, toPage } from "../cursor.ts";
import { json, jsonBody, route } from "../route.ts";
import { submitOne } from "../submit.ts";

const tags = ["Conversations"];

/** The caller's conversations. */
export const conversationRoutes = new OpenAPIHono<ApiHono>();

const Key = z.tuple([MessageId, ConversationId]);

conversationRoutes.openapi(
  route({
    method: "get",
    path: "/conversations",
    tags,
    summary: "List the caller's conversations, the latest first",
    description:
      "`unread` counts the messages of others after `readSeq`; writing a message moves `readSeq` to it. `mentioned` counts those of them that name the caller.",
    request: { query: PageQuery },
    responses: { 200: json(page(Conversation), "The conversations") },
  }),
  async (context) => {
    const { api, caller } = context.var;
    const { limit, cursor } = context.req.valid("query");
    const after = cursor === undefined ? undefined : decodeCursor(Key, cursor);
    const rows = await selectConversations(api, caller.userId)
      .where(
        and(
          eq(members.userId, caller.userId),
          after && sql`(${lastChange}, ${conversations.id}) < (${after[0]}::bigint, ${after[1]})`,
        ),
      )
      .orderBy(desc(lastChange), desc(conversations.id))
      .limit(limit + 1);
    const counts = await onlineCounts(
      api.redis,
      rows.flatMap(({ group }) => group?.id ?? []),
    );
    const conversationPage = toPage(
      rows,
      limit,
      (row) => [row.lastChange, row.id],
      (row) => toConversation(row, counts),
    );
    return context.json(conversationPage, 200);
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
      request: { params: z.object({ conversationId: ConversationId }), body: jsonBody(ReadMark) },
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

/** The time of the last message as a Snowflake id; without a message, one of the conversation's creation. */
const lastChange = sql<string>`coalesce(
  ${conversations.lastMessageId},
  ((extract(epoch FROM ${conversations.createdAt}) * 1000)::bigint - ${sql.raw(String(SNOWFLAKE_EPOCH))}) << 22
)`;

/** A person's conversations with peer or group and last message, in one statement. */
function selectConversations(api: Api, userId: UserId) {
  return api.database
    .select({
      id: conversations.id,
      lastSeq: conversations.lastSeq,
      rev: conversations.rev,
      readSeq: members.readSeq,
      unread,
      mentioned: sql.raw(MENTIONED).mapWith(Number),
      role: members.role,
      lastMessage: messageColumn(),
      peer: sql<User | null>`CASE WHEN ${users.id} IS NOT NULL THEN ${userColumn} END`,
      group: groups,
      lastChange,
    })
    .from(members)
    .innerJoin(conversations, eq(conversations.id, members.conversation))
    .leftJoin(
      messages,
      and(eq(messages.conversation, conversations.id), eq(messages.seq, conversations.lastSeq)),
    )
    .leftJoin(users, eq(users.id, peerId(userId)))
    .leftJoin(groups, eq(groups.id, groupId));
}

/**
 * What others have written after the person's read mark and is no notice: counted by subtraction, as whoever writes has
 * read all before.
 */
const unread = sql<number>`greatest(0, ${conversations.lastSeq} - ${members.readSeq} - ${conversations.notices} + coalesce((
  SELECT read.notices FROM ${messages} AS read
   WHERE read.conversation = ${members.conversation} AND read.seq = ${members.readSeq} LIMIT 1
), 0))`;

/** The group of a group's conversation, else null. */
const groupId = sql`CASE WHEN ${conversations.id} LIKE 'group:%' THEN split_part(${conversations.id}, ':', 2)::bigint END`;

/** The other person of a direct conversation, else null. */
function peerId(userId: UserId): SQL {
  const lower = sql`split_part(${conversations.id}, ':', 2)`;
  const higher = sql`split_part(${conversations.id}, ':', 3)`;
  return sql`CASE WHEN ${conversations.id} LIKE 'dm:%'
    THEN (CASE WHEN ${lower} = ${userId} THEN ${higher} ELSE ${lower} END)::bigint END`;
}

type Row = Awaited<ReturnType<typeof selectConversations>>[number];

function toConversation(row: Row, counts: Map<GroupId, number>): Conversation {
  const { id, lastSeq, rev, readSeq, unread, mentioned, role, lastMessage, peer, group } = row;
  return {
    id,
    kind: group === null ? "dm" : "group",
    ...(peer !== null && { peer }),
    ...(group !== null && { group: toGroup(group, role, counts.get(group.id) ?? 0) }),
    lastSeq,
    rev,
    readSeq,
    unread,
    mentioned,
    lastMessage,
  };
}
