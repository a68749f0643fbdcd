import { OpenAPIHono, z } from "@hono/zod-openapi";
import { and, desc, eq, lt } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { userColumnOf } from "../../../lib/views/user.ts";
import { friendRequests } from "../../../schema/tables/friends.ts";
import { users } from "../../../schema/tables/users.ts";
import { Direction, Friend, FriendRequest, NewFriendRequest } from "../../../schema/wire/friend.ts";
import { FriendRequestId } from "../../../schema/wire/ids.ts";
import { PageQuery, page } from "../../../schema/wire/page.ts";
import type { ApiHono } from "../context.ts";
import { decodeCursor, toPage } from "../cursor.ts";
import { granted } from "../granted.ts";
import { json, jsonBody, route } from "../route.ts";

const tags = ["Friends"];

/** Friend requests. */
export const requests = new OpenAPIHono<ApiHono>();

const List = PageQuery.extend({ direction: Direction.default("incoming") });
const askers = alias(users, "askers");
const asked = alias(users, "asked");

requests.openapi(
  route({
    method: "get",
    path: "/friends/requests",
    tags,
    summary: "List open friend requests, the newest first",
    description: "Requests to the caller or, with `direction=outgoing`, from the caller.",
    request: { query: List },
    responses: { 200: json(page(FriendRequest), "The open requests") },
  }),
  async (context) => {
    const { api, caller } = context.var;
    const { direction, limit, cursor } = context.req.valid("query");
    const before = cursor === undefined ? undefined : decodeCursor(z.tuple([FriendRequestId]), cursor)[0];
    const own = direction === "incoming" ? friendRequests.toId : friendRequests.fromId;
    const rows = await api.database
      .select({
        id: friendRequests.id,
        from: userColumnOf("askers"),
        to: userColumnOf("asked"),
        note: friendRequests.note,
        createdAt: friendRequests.createdAt,
      })
      .from(friendRequests)
      .innerJoin(askers, eq(askers.id, friendRequests.fromId))
      .innerJoin(asked, eq(asked.id, friendRequests.toId))
      .where(and(eq(own, caller.userId), before === undefined ? undefined : lt(friendRequests.id, before)))
      .orderBy(desc(friendRequests.id))
      .limit(limit + 1);
    const requestPage = toPage(
      rows,
      limit,
      ({ id }) => [id],
      (row): FriendRequest => ({ ...row, createdAt: row.createdAt.toISOString() }),
    );
    return context.json(requestPage, 200);
  },
);

requests.openapi(
  route(
    {
      method: "post",
      path: "/friends/requests",
      tags,
      summary: "Send a friend request",
      description:
        "When the other person has already sent one to the caller, both are friends at once. A second request is refused, and with `not_friends` any request while one of the two blocks the other.",
      request: { body: jsonBody(NewFriendRequest) },
      responses: {
        200: json(Friend, "The other person had already asked: both are friends"),
        201: json(FriendRequest, "The open request"),
      },
    },
    "user_not_found",
    "self_request",
    "not_friends",
    "already_friends",
    "already_requested",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const { userId, note = "" } = context.req.valid("json");
    const asked = granted(await api.logic.friends.request(caller.userId, userId, note === "" ? null : note));
    return asked.kind === "accepted" ? context.json(asked.friend, 200) : context.json(asked.request, 201);
  },
);

const Named = z.object({ requestId: FriendRequestId });

requests.openapi(
  route(
    {
      method: "post",
      path: "/friends/requests/{requestId}/accept",
      tags,
      summary: "Accept a friend request to the caller",
      request: { params: Named },
      responses: { 200: json(Friend, "The friend") },
    },
    "friend_request_not_found",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const { requestId } = context.req.valid("param");
    return context.json(granted(await api.logic.friends.accept(caller.userId, requestId)), 200);
  },
);

requests.openapi(
  route(
    {
      method: "post",
      path: "/friends/requests/{requestId}/decline",
      tags,
      summary: "Decline a friend request to the caller",
      description: "The sender is not notified, and may send another request.",
      request: { params: Named },
      responses: { 204: { description: "The request is deleted" } },
    },
    "friend_request_not_found",
  ),
  async (context) => {
    const { api, caller } = context.var;
    granted(await api.logic.friends.decline(caller.userId, context.req.valid("param").requestId));
    return context.body(null, 204);
  },
);
