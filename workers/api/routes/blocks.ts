import { OpenAPIHono, z } from "@hono/zod-openapi";
import { and, asc, eq, gt } from "drizzle-orm";
import { userColumn } from "../../../lib/views/user.ts";
import { blocks } from "../../../schema/tables/friends.ts";
import { users } from "../../../schema/tables/users.ts";
import { UserId } from "../../../schema/wire/ids.ts";
import { PageQuery, page } from "../../../schema/wire/page.ts";
import { User } from "../../../schema/wire/user.ts";
import type { ApiHono } from "../context.ts";
import { decodeCursor, toPage } from "../cursor.ts";
import { granted } from "../granted.ts";
import { json, route } from "../route.ts";

const tags = ["Friends"];

/** Whom the caller has blocked. */
export const blockRoutes = new OpenAPIHono<ApiHono>();

const Named = z.object({ userId: UserId });

blockRoutes.openapi(
  route({
    method: "get",
    path: "/blocks",
    tags,
    summary: "List the people whom the caller has blocked",
    description: "In the order of their ids. Those who have blocked the caller are not shown to anybody.",
    request: { query: PageQuery },
    responses: { 200: json(page(User), "The blocked people") },
  }),
  async (context) => {
    const { api, caller } = context.var;
    const { limit, cursor } = context.req.valid("query");
    const after = cursor === undefined ? undefined : decodeCursor(z.tuple([UserId]), cursor)[0];
    const rows = await api.database
      .select({ user: userColumn })
      .from(blocks)
      .innerJoin(users, eq(users.id, blocks.blockedId))
      .where(
        and(eq(blocks.userId, caller.userId), after === undefined ? undefined : gt(blocks.blockedId, after)),
      )
      .orderBy(asc(blocks.blockedId))
      .limit(limit + 1);
    const blockedPage = toPage(
      rows,
      limit,
      ({ user }) => [user.id],
      ({ user }) => user,
    );
    return context.json(blockedPage, 200);
  },
);

blockRoutes.openapi(
  route(
    {
      method: "put",
      path: "/blocks/{userId}",
      tags,
      summary: "Block a person",
      description:
        "Their friendship and open requests end, and both get `not_friends` for messages and friend requests to each other. The other person is not told who did it. Groups that both are in are not affected.",
      request: { params: Named },
      responses: { 204: { description: "The person is blocked" } },
    },
    "user_not_found",
    "self_block",
  ),
  async (context) => {
    const { api, caller } = context.var;
    granted(await api.logic.blocks.block(caller.userId, context.req.valid("param").userId));
    return context.body(null, 204);
  },
);

blockRoutes.openapi(
  route(
    {
      method: "delete",
      path: "/blocks/{userId}",
      tags,
      summary: "Unblock a person",
      description:
        "Those who were friends before are friends again, once neither blocks the other. It is no error if the person is not blocked.",
      request: { params: Named },
      responses: { 204: { description: "The person is not blocked" } },
    },
    "user_not_found",
  ),
  async (context) => {
    const { api, caller } = context.var;
    granted(await api.logic.blocks.unblock(caller.userId, context.req.valid("param").userId));
    return context.body(null, 204);
  },
);
