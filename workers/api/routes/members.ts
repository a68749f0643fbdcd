import { OpenAPIHono, z } from "@hono/zod-openapi";
import { Problem } from "../../../lib/problem.ts";
import { Group, Member, MemberChange, NewMembers } from "../../../schema/wire/group.ts";
import { GroupId, UserId } from "../../../schema/wire/ids.ts";
import { Waiting } from "../../../schema/wire/invite.ts";
import { PageQuery, page } from "../../../schema/wire/page.ts";
import type { ApiHono } from "../context.ts";
import { decodeCursor, keyField, toPage } from "../cursor.ts";
import { granted } from "../granted.ts";
import { listMembers } from "../members.ts";
import { json, jsonBody, route } from "../route.ts";

const tags = ["Groups"];

/** The members of a group. */
export const memberRoutes = new OpenAPIHono<ApiHono>();

const InGroup = z.object({ groupId: GroupId });
const Key = z.tuple([keyField.time, UserId]);

memberRoutes.openapi(
  route(
    {
      method: "get",
      path: "/groups/{groupId}/members",
      tags,
      summary: "List the members of a group that the caller is in",
      description: "In the order in which they joined.",
      request: { params: InGroup, query: PageQuery },
      responses: { 200: json(page(Member), "The members") },
    },
    "group_not_found",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const { limit, cursor } = context.req.valid("query");
    const { groupId } = context.req.valid("param");
    const after = cursor === undefined ? undefined : decodeCursor(Key, cursor);
    const found = await listMembers(api, { groupId, callerId: caller.userId }, limit + 1, after);
    // The caller is a member, so the first page of a group they may see is never empty.
    if (found.length === 0 && after === undefined) throw new Problem("group_not_found");
    const memberPage = toPage(
      found,
      limit,
      ({ joinedAt, user }) => [joinedAt, user.id],
      (member) => member,
    );
    return context.json(memberPage, 200);
  },
);

memberRoutes.openapi(
  route(
    {
      method: "put",
      path: "/groups/{groupId}/members/me",
      tags,
      summary: "Join a group",
      description:
        "The caller can then read the whole history. A group with the join policy `approval` lets people wait until its owner or an admin accepts them; `DELETE` withdraws the request. Joining, or asking, again changes nothing.",
      request: { params: InGroup },
      responses: {
        200: json(Group, "The group, with the caller in it"),
        202: json(Waiting, "The caller waits to be let in"),
      },
    },
    "group_not_found",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const { groupId } = context.req.valid("param");
    const group = granted(await api.logic.groups.join(caller.userId, groupId));
    return group === null ? context.json({ status: "waiting" as const }, 202) : context.json(group, 200);
  },
);

memberRoutes.openapi(
  route(
    {
      method: "delete",
      path: "/groups/{groupId}/members/{userId}",
      tags,
      summary: "Leave a group, or remove a member",
      description:
        "With `me` or the caller's id, the caller leaves: when it is the owner, the longest-standing admin, or else member, becomes the owner; with the last member, the group is deleted. With another id, that member is removed: the owner may remove everybody, and admins may remove members.",
      request: { params: InGroup.extend({ userId: z.union([z.literal("me"), UserId]) }) },
      responses: { 204: { description: "The person is no longer a member" } },
    },
    "group_not_found",
    "member_not_found",
    "not_allowed",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const { groupId, userId } = context.req.valid("param");
    const leaves = userId === "me" || userId === caller.userId;
    granted(
      leaves
        ? await api.logic.groups.leave(caller.userId, groupId)
        : await api.logic.members.remove(caller.userId, groupId, userId),
    );
    return context.body(null, 204);
  },
);

memberRoutes.openapi(
  route(
    {
      method: "post",
      path: "/groups/{groupId}/members",
      tags,
      summary: "Add friends to a group",
      description:
        "For the group's owner and admins; up to 200 friends of the caller. Who is a member already stays as they are; when one of the others is not a friend, nobody is added.",
      request: { params: InGroup, body: jsonBody(NewMembers) },
      responses: { 200: json(Group, "The group, with the new members in it") },
    },
    "group_not_found",
    "not_allowed",
    "not_friends",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const { groupId } = context.req.valid("param");
    const { userIds } = context.req.valid("json");
    return context.json(granted(await api.logic.members.add(caller.userId, groupId, userIds)), 200);
  },
);

memberRoutes.openapi(
  route(
    {
      method: "patch",
      path: "/groups/{groupId}/members/{userId}",
      tags,
      summary: "Change a member's role, or mute them",
      description:
        "The owner gives roles; with `owner`, the group is handed over and the caller becomes an admin. The owner may mute everybody else, and admins may mute members: what a muted member writes is refused with `muted` until that time. Null ends a mute.",
      request: { params: InGroup.extend({ userId: UserId }), body: jsonBody(MemberChange) },
      responses: { 200: json(Member, "The member") },
    },
    "group_not_found",
    "member_not_found",
    "not_allowed",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const { groupId, userId } = context.req.valid("param");
    const change = context.req.valid("json");
    const member = granted(await api.logic.members.change(caller.userId, groupId, userId, change));
    return context.json(member, 200);
  },
);
