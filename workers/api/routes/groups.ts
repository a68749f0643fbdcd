import { OpenAPIHono, z } from "@hono/zod-openapi";
import { and, eq, isNotNull, ne, or, sql } from "drizzle-orm";
import { onlineCounts } from "../../../lib/presence.ts";
import { Problem } from "../../../lib/problem.ts";
import { searchText } from "../../../lib/search-grams.ts";
import { toGroup } from "../../../lib/views/group.ts";
import { members } from "../../../schema/tables/conversations.ts";
import { groups } from "../../../schema/tables/groups.ts";
import { Group, GroupChange, NewGroup } from "../../../schema/wire/group.ts";
import { GroupId, type UserId } from "../../../schema/wire/ids.ts";
import { PageQuery, page } from "../../../schema/wire/page.ts";
import { isStorable, UNSTORABLE } from "../../../schema/wire/text.ts";
import type { Api, ApiHono } from "../context.ts";
import { decodeCursor, keyField, toPage } from "../cursor.ts";
import { granted } from "../granted.ts";
import { json, jsonBody, route } from "../route.ts";
import { contains, rank } from "../search.ts";

const tags = ["Groups"];

/** Groups. The routes of their members are in `members.ts`. */
export const groupRoutes = new OpenAPIHono<ApiHono>();

const Search = PageQuery.extend({
  query: z.string().trim().max(64).refine(isStorable, UNSTORABLE).default(""),
});
/** The rank of all groups when there is no query. */
const NO_FIT = sql<number>`0::int`;
const SearchKey = z.tuple([keyField.number, keyField.text, GroupId]);

groupRoutes.openapi(
  route({
    method: "get",
    path: "/groups",
    tags,
    summary: "Search groups, or list the caller's own",
    description:
      "With a query: groups whose name contains it, ignoring case; for a query of one character, groups whose name has a word that begins with it. Exact matches come first, then names that begin with the query. Without a query: the caller's groups.",
    request: { query: Search },
    responses: { 200: json(page(Group), "The groups") },
  }),
  async (context) => {
    const { api, caller } = context.var;
    const { limit, cursor, ...search } = context.req.valid("query");
    const query = searchText(search.query);
    const after = cursor === undefined ? undefined : decodeCursor(SearchKey, cursor);
    const fit = query === "" ? NO_FIT : rank(groups.nameFolded, query);
    const place = sql`(${fit}, ${groups.nameFolded}, ${groups.id})`;
    const rows = await selectGroups(api, caller.userId, fit)
      .where(
        and(
          query === ""
            ? isNotNull(members.role)
            : and(contains(groups.nameFolded, groups.searchGrams, query), visible),
          after && sql`${place} > (${after[0]}::int, ${after[1]}, ${after[2]}::bigint)`,
        ),
      )
      .orderBy(fit, groups.nameFolded, groups.id)
      .limit(limit + 1);
    const counts = await onlineCounts(
      api.redis,
      rows.map(({ group }) => group.id),
    );
    const groupPage = toPage(
      rows,
      limit,
      (row) => [String(row.fit), row.group.nameFolded, row.group.id],
      (row) => toGroup(row.group, row.role, counts.get(row.group.id) ?? 0),
    );
    return context.json(groupPage, 200);
  },
);

groupRoutes.openapi(
  route(
    {
      method: "post",
      path: "/groups",
      tags,
      summary: "Create a group",
      description: "The caller becomes its owner; `memberIds` must be friends of the caller.",
      request: { body: jsonBody(NewGroup) },
      responses: { 201: json(Group, "The new group") },
    },
    "not_friends",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const group = granted(await api.logic.groups.create(caller.userId, context.req.valid("json")));
    return context.json(group, 201);
  },
);

groupRoutes.openapi(
  route(
    {
      method: "get",
      path: "/groups/{groupId}",
      tags,
      summary: "Get a group",
      description: "A group with the join policy `invite` is visible to its members only.",
      request: { params: z.object({ groupId: GroupId }) },
      responses: { 200: json(Group, "The group") },
    },
    "group_not_found",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const { groupId } = context.req.valid("param");
    const [[row], counts] = await Promise.all([
      selectGroups(api, caller.userId, NO_FIT).where(and(eq(groups.id, groupId), visible)),
      onlineCounts(api.redis, [groupId]),
    ]);
    if (row === undefined) throw new Problem("group_not_found");
    return context.json(toGroup(row.group, row.role, counts.get(groupId) ?? 0), 200);
  },
);

groupRoutes.openapi(
  route(
    {
      method: "patch",
      path: "/groups/{groupId}",
      tags,
      summary: "Change a group's name or settings",
      description:
        "For the group's owner and admins. With `posting` set to `admins`, only they may write; it takes effect at once.",
      request: { params: z.object({ groupId: GroupId }), body: jsonBody(GroupChange) },
      responses: { 200: json(Group, "The group") },
    },
    "group_not_found",
    "not_allowed",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const { groupId } = context.req.valid("param");
    const change = context.req.valid("json");
    return context.json(granted(await api.logic.groups.change(caller.userId, groupId, change)), 200);
  },
);

groupRoutes.openapi(
  route(
    {
      method: "delete",
      path: "/groups/{groupId}",
      tags,
      summary: "Delete a group",
      description: "For the group's owner. Its members get `group.left`, and its history is gone.",
      request: { params: z.object({ groupId: GroupId }) },
      responses: { 204: { description: "The group is deleted" } },
    },
    "group_not_found",
    "not_allowed",
  ),
  async (context) => {
    const { api, caller } = context.var;
    granted(await api.logic.groups.remove(caller.userId, context.req.valid("param").groupId));
    return context.body(null, 204);
  },
);

/** The groups that a person may see: their own, and those that are not by invitation. */
const visible = or(ne(groups.joinPolicy, "invite"), isNotNull(members.role));

/** Groups with a person's role in each. */
function selectGroups(api: Api, userId: UserId, fit: ReturnType<typeof rank>) {
  return api.database
    .select({ group: groups, role: members.role, fit })
    .from(groups)
    .leftJoin(
      members,
      and(eq(members.conversation, sql`'group:' || ${groups.id}`), eq(members.userId, userId)),
    );
}
