import { OpenAPIHono, z } from "@hono/zod-openapi";
import { and, asc, eq, gt } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { onlineAmong } from "../../../lib/presence.ts";
import { toFriend } from "../../../lib/views/friend.ts";
import { friendColumns } from "../../../lib/views/user.ts";
import { friendships } from "../../../schema/tables/friends.ts";
import { users } from "../../../schema/tables/users.ts";
import { Friend } from "../../../schema/wire/friend.ts";
import { UserId } from "../../../schema/wire/ids.ts";
import { PageQuery, page } from "../../../schema/wire/page.ts";
import type { ApiHono } from "../context.ts";
import { decodeCursor, toPage } from "../cursor.ts";
import { granted } from "../granted.ts";
import { json, route } from "../route.ts";

const tags = ["Friends"];

const viewers = alias(users, "viewers");

/** The caller's friends. */
export const friends = new OpenAPIHono<ApiHono>();

friends.openapi(
  route({
    method: "get",
    path: "/friends",
    tags,
    summary: "List the caller's friends",
    description:
      "In the order of their ids. `lastSeenAt` is null while the friend is online, when they never were, and when the friend or the caller has `lastSeen` set to `nobody`.",
    request: { query: PageQuery },
    responses: { 200: json(page(Friend), "The friends") },
  }),
  async (context) => {
    const { api, caller } = context.var;
    const { limit, cursor } = context.req.valid("query");
    const after = cursor === undefined ? undefined : decodeCursor(z.tuple([UserId]), cursor)[0];
    const rows = await api.database
      .select({ ...friendColumns, viewer: { id: viewers.id, lastSeen: viewers.lastSeen } })
      .from(friendships)
      .innerJoin(users, eq(users.id, friendships.friendId))
      .innerJoin(viewers, eq(viewers.id, friendships.userId))
      .where(
        and(
          eq(friendships.userId, caller.userId),
          after === undefined ? undefined : gt(friendships.friendId, after),
        ),
      )
      .orderBy(asc(friendships.friendId))
      .limit(limit + 1);
    const online = await onlineAmong(
      api.redis,
      rows.map(({ user }) => user.id),
    );
    const friendPage = toPage(
      rows,
      limit,
      ({ user }) => [user.id],
      (row) => toFriend(row.viewer, row, online.has(row.user.id)),
    );
    return context.json(friendPage, 200);
  },
);

friends.openapi(
  route(
    {
      method: "delete",
      path: "/friends/{userId}",
      tags,
      summary: "End a friendship",
      description: "For both sides. The conversation stays readable, but neither can write into it.",
      request: { params: z.object({ userId: UserId }) },
      responses: { 204: { description: "The friendship has ended" } },
    },
    "friend_not_found",
  ),
  async (context) => {
    const { api, caller } = context.var;
    granted(await api.logic.friends.remove(caller.userId, context.req.valid("param").userId));
    return context.body(null, 204);
  },
);
