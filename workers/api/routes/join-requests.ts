import { OpenAPIHono, z } from "@hono/zod-openapi";
import { and, asc, eq, sql } from "drizzle-orm";
import { userColumn } from "../../../lib/views/user.ts";
import { joinRequests } from "../../../schema/tables/joining.ts";
import { users } from "../../../schema/tables/users.ts";
import { Member } from "../../../schema/wire/group.ts";
import { GroupId, UserId } from "../../../schema/wire/ids.ts";
import { JoinRequest } from "../../../schema/wire/invite.ts";
import { PageQuery, page } from "../../../schema/wire/page.ts";
import type { ApiHono } from "../context.ts";
import { decodeCursor, keyField, toPage } from "../cursor.ts";
import { granted } from "../granted.ts";
import { expectStaff, selectSeat } from "../group-seat.ts";
import { json, route } from "../route.ts";

const tags = ["Groups"];

/** Who waits to be let into a group. */
export const joinRequestRoutes = new OpenAPIHono<ApiHono>();

const InGroup = z.object({ groupId: GroupId });
const Named = InGroup.extend({ userId: UserId });
const Key = z.tuple([keyField.time, UserId]);

joinRequestRoutes.openapi(
  route(
    {
      method: "get",
      path: "/groups/{groupId}/requests",
      tags,
      summary: "List who waits to be let in, the longest-waiting first",
      description: "For the group's owner and admins.",
      request: { params: InGroup, query: PageQuery },
      responses: { 200: json(page(JoinRequest), "Who waits") },
    },
    "group_not_found",
    "not_allowed",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const { groupId } = context.req.valid("param");
    const { limit, cursor } = context.req.valid("query");
    const after = cursor === undefined ? undefined : decodeCursor(Key, cursor);
    const [[seat], rows] = await api.database.batch([
      selectSeat(api, groupId, caller.userId),
      api.database
        .select({ user: userColumn, createdAt: joinRequests.createdAt })
        .from(joinRequests)
        .innerJoin(users, eq(users.id, joinRequests.userId))
        .where(
          and(
            eq(joinRequests.groupId, groupId),
            after &&
              sql`(${joinRequests.createdAt}, ${joinRequests.userId}) > (${after[0]}::timestamptz, ${after[1]}::bigint)`,
          ),
        )
        .orderBy(asc(joinRequests.createdAt), asc(joinRequests.userId))
        .limit(limit + 1),
    ]);
    expectStaff(seat);
    const requestPage = toPage(
      rows,
      limit,
      ({ user, createdAt }) => [createdAt.toISOString(), user.id],
      ({ user, createdAt }): JoinRequest => ({ user, createdAt: createdAt.toISOString() }),
    );
    return context.json(requestPage, 200);
  },
);

joinRequestRoutes.openapi(
  route(
    {
      method: "post",
      path: "/groups/{groupId}/requests/{userId}/accept",
      tags,
      summary: "Let somebody in who waits",
      description: "For the group's owner and admins.",
      request: { params: Named },
      responses: { 200: json(Member, "The new member") },
    },
    "group_not_found",
    "not_allowed",
    "join_request_not_found",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const { groupId, userId } = context.req.valid("param");
    return context.json(granted(await api.logic.joinRequests.accept(caller.userId, groupId, userId)), 200);
  },
);

joinRequestRoutes.openapi(
  route(
    {
      method: "post",
      path: "/groups/{groupId}/requests/{userId}/decline",
      tags,
      summary: "Decline a request to join",
      description: "For the group's owner and admins. The person is not notified, and may ask again.",
      request: { params: Named },
      responses: { 204: { description: "The request is deleted" } },
    },
    "group_not_found",
    "not_allowed",
    "join_request_not_found",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const { groupId, userId } = context.req.valid("param");
    granted(await api.logic.joinRequests.decline(caller.userId, groupId, userId));
    return context.body(null, 204);
  },
);
