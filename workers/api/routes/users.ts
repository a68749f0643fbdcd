import { OpenAPIHono, z } from "@hono/zod-openapi";
import { eq, or, sql } from "drizzle-orm";
import { Problem } from "../../../lib/problem.ts";
import { userColumns } from "../../../lib/views/user.ts";
import { users } from "../../../schema/tables/users.ts";
import { UserId } from "../../../schema/wire/ids.ts";
import { PageQuery, page } from "../../../schema/wire/page.ts";
import { isStorable, UNSTORABLE } from "../../../schema/wire/text.ts";
import { User } from "../../../schema/wire/user.ts";
import type { ApiHono } from "../context.ts";
import { decodeCursor, keyField, toPage } from "../cursor.ts";
import { json, route } from "../route.ts";
import { contains, rank } from "../search.ts";

const tags = ["Users"];

/** What anybody may see of people. */
export const people = new OpenAPIHono<ApiHono>();

const Search = PageQuery.extend({ query: z.string().trim().min(1).max(64).refine(isStorable, UNSTORABLE) });
const SearchKey = z.tuple([keyField.number, keyField.text]);

people.openapi(
  route({
    method: "get",
    path: "/users",
    tags,
    summary: "Search people",
    description:
      "Finds who has the query in their user name or display name, whatever the case; the user name itself comes first, then those that begin with it. An empty query is refused.",
    request: { query: Search },
    responses: { 200: json(page(User), "Who was found") },
  }),
  async (context) => {
    const { query, limit, cursor } = context.req.valid("query");
    const after = cursor === undefined ? undefined : decodeCursor(SearchKey, cursor);
    const fit = rank(users.usernameFolded, query);
    const foldedDisplayName = sql`lower(normalize(${users.displayName}, NFKC))`;
    const found = or(contains(users.usernameFolded, query), contains(foldedDisplayName, query));
    const rows = await context.var.api.database
      .select({ user: userColumns, fit, usernameFolded: users.usernameFolded })
      .from(users)
      .where(
        after === undefined
          ? found
          : sql`(${found}) AND (${fit}, ${users.usernameFolded}) > (${after[0]}::int, ${after[1]})`,
      )
      .orderBy(fit, users.usernameFolded)
      .limit(limit + 1);
    const result = toPage(
      rows,
      limit,
      (row) => [String(row.fit), row.usernameFolded],
      (row) => row.user,
    );
    return context.json(result, 200);
  },
);

people.openapi(
  route(
    {
      method: "get",
      path: "/users/{userId}",
      tags,
      summary: "Get a person",
      request: { params: z.object({ userId: UserId }) },
      responses: { 200: json(User, "The person") },
    },
    "user_not_found",
  ),
  async (context) => {
    const { userId } = context.req.valid("param");
    const { database } = context.var.api;
    const [user] = await database.select(userColumns).from(users).where(eq(users.id, userId));
    if (user === undefined) throw new Problem("user_not_found");
    return context.json(user, 200);
  },
);
