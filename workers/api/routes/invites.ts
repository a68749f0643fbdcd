import { OpenAPIHono, z } from "@hono/zod-openapi";
import { and, desc, eq, lt, type SQL, sql } from "drizzle-orm";
import { onlineCounts } from "../../../lib/presence.ts";
import { Problem } from "../../../lib/problem.ts";
import { toGroup } from "../../../lib/views/group.ts";
import { type InviteView, toInviteView } from "../../../lib/views/invite.ts";
import { members } from "../../../schema/tables/conversations.ts";
import { groups } from "../../../schema/tables/groups.ts";
import { invites } from "../../../schema/tables/joining.ts";
import { Group } from "../../../schema/wire/group.ts";
import { GroupId, InviteId } from "../../../schema/wire/ids.ts";
import { Invite, InviteToken, NewInvite } from "../../../schema/wire/invite.ts";
import { PageQuery, page } from "../../../schema/wire/page.ts";
import type { ApiHono } from "../context.ts";
import { decodeCursor, toPage } from "../cursor.ts";
import { granted } from "../granted.ts";
import { expectStaff, selectSeat } from "../group-seat.ts";
import { json, jsonBody, route } from "../route.ts";

const tags = ["Groups"];

/** Links with which anybody may join a group. */
export const inviteRoutes = new OpenAPIHono<ApiHono>();

const InGroup = z.object({ groupId: GroupId });
const Named = z.object({ token: InviteToken });

inviteRoutes.openapi(
  route(
    {
      method: "post",
      path: "/groups/{groupId}/invites",
      tags,
      summary: "Make an invite",
      description:
        "For the group's owner and admins. Whoever has the link may join, whatever the group's join policy: for `expiresIn` seconds and `maxUses` people, or without an end.",
      request: { params: InGroup, body: jsonBody(NewInvite) },
      responses: { 201: json(Invite, "The invite") },
    },
    "group_not_found",
    "not_allowed",
    "too_many_invites",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const { groupId } = context.req.valid("param");
    const invite = granted(await api.logic.invites.create(caller.userId, groupId, context.req.valid("json")));
    return context.json(toInvite(invite, context.req.url), 201);
  },
);

inviteRoutes.openapi(
  route(
    {
      method: "get",
      path: "/groups/{groupId}/invites",
      tags,
      summary: "List a group's invites, the newest first",
      description: "For the group's owner and admins. Those that have expired are left out.",
      request: { params: InGroup, query: PageQuery },
      responses: { 200: json(page(Invite), "The invites") },
    },
    "group_not_found",
    "not_allowed",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const { groupId } = context.req.valid("param");
    const { limit, cursor } = context.req.valid("query");
    const before = cursor === undefined ? undefined : decodeCursor(z.tuple([InviteId]), cursor)[0];
    const [[seat], rows] = await api.database.batch([
      selectSeat(api, groupId, caller.userId),
      api.database
        .select()
        .from(invites)
        .where(
          and(
            eq(invites.groupId, groupId),
            isCurrent,
            before === undefined ? undefined : lt(invites.id, before),
          ),
        )
        .orderBy(desc(invites.id))
        .limit(limit + 1),
    ]);
    expectStaff(seat);
    const invitePage = toPage(
      rows,
      limit,
      ({ id }) => [id],
      (row) => toInvite(toInviteView(row), context.req.url),
    );
    return context.json(invitePage, 200);
  },
);

inviteRoutes.openapi(
  route(
    {
      method: "delete",
      path: "/groups/{groupId}/invites/{inviteId}",
      tags,
      summary: "Revoke an invite",
      description: "For the group's owner and admins.",
      request: { params: InGroup.extend({ inviteId: InviteId }) },
      responses: { 204: { description: "The invite cannot be used any more" } },
    },
    "group_not_found",
    "not_allowed",
    "invite_not_found",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const { groupId, inviteId } = context.req.valid("param");
    granted(await api.logic.invites.revoke(caller.userId, groupId, inviteId));
    return context.body(null, 204);
  },
);

inviteRoutes.openapi(
  route(
    {
      method: "get",
      path: "/invites/{token}",
      tags,
      summary: "See the group of an invite",
      description: "As somebody sees it who is not a member; `role` is the caller's.",
      request: { params: Named },
      responses: { 200: json(Group, "The group") },
    },
    "invite_not_found",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const { token } = context.req.valid("param");
    const [row] = await api.database
      .select({ group: groups, role: members.role })
      .from(invites)
      .innerJoin(groups, eq(groups.id, invites.groupId))
      .leftJoin(
        members,
        and(eq(members.conversation, sql`'group:' || ${groups.id}`), eq(members.userId, caller.userId)),
      )
      .where(and(eq(invites.token, token), isCurrent, isUnspent));
    if (row === undefined) throw new Problem("invite_not_found");
    const { group, role } = row;
    const counts = await onlineCounts(api.redis, [group.id]);
    return context.json(toGroup(group, role, counts.get(group.id) ?? 0), 200);
  },
);

inviteRoutes.openapi(
  route(
    {
      method: "post",
      path: "/invites/{token}/accept",
      tags,
      summary: "Join a group by an invite",
      description:
        "Whatever the group's join policy. For a member it changes nothing, and does not count as a use.",
      request: { params: Named },
      responses: { 200: json(Group, "The group, with the caller in it") },
    },
    "invite_not_found",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const { token } = context.req.valid("param");
    return context.json(granted(await api.logic.invites.accept(caller.userId, token)), 200);
  },
);

const isCurrent: SQL = sql`coalesce(${invites.expiresAt} > now(), true)`;
const isUnspent: SQL = sql`coalesce(${invites.uses} < ${invites.maxUses}, true)`;

/** An invite with the address at which people open it: the page of the web client, on the server that was asked. */
function toInvite(view: InviteView, requested: string): Invite {
  return { ...view, url: `${new URL(requested).origin}/#/invites/${view.token}` };
}
