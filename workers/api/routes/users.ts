import { OpenAPIHono, z } from "@hono/zod-openapi";
import { eq, sql } from "drizzle-orm";
import type { Database } from "../../../lib/database.ts";
import { Problem } from "../../../lib/problem.ts";
import { searchText } from "../../../lib/search-grams.ts";
import { userColumn } from "../../../lib/views/user.ts";
import { users } from "../../../schema/tables/users.ts";
import { UserId } from "../../../schema/wire/ids.ts";
import { MAX_LIMIT, PageQuery, page } from "../../../schema/wire/page.ts";
import { isStorable, UNSTORABLE } from "../../../schema/wire/text.ts";
import { User } from "../../../schema/wire/user.ts";
import type { ApiHono } from "../context.ts";
import { decodeCursor, keyField, toPage } from "../cursor.ts";
import { json, route } from "../route.ts";
import { searchPeople } from "../search.ts";

const tags = ["Users"];

/** Public profiles. */
export const people = new OpenAPIHono<ApiHono>();

const Query = z.string().trim().min(1).max(64).refine(isStorable, UNSTORABLE);
/** At most a page of ids, of at most 19 digits each. */
const Ids = z
  .string()
  .max(MAX_LIMIT * 20, `must be at most ${MAX_LIMIT} ids`)
  .transform((ids) => ids.split(","))
  .pipe(z.array(UserId).max(MAX_LIMIT, `must be at most ${MAX_LIMIT} ids`))
  .openapi({ type: "string", example: "1,2,3" });

const Wanted = PageQuery.extend({ query: Query.optional(), ids: Ids.optional() });
const SearchKey = z.tuple([keyField.number, keyField.text]);

people.openapi(
  route({
    method: "get",
    path: "/users",
    tags,
    summary: "Search people, or get many by their ids",
    description: `With \`query\`: people whose user name or display name contains it, ignoring case; for a query of one character, people with a word in their names that begins with it. Exact user names come first, then those that begin with the query. With \`ids\`, 1 to ${MAX_LIMIT} separated by commas: the users that exist among them, in that order, on one page. Exactly one of the two is required.`,
    request: { query: Wanted },
    responses: { 200: json(page(User), "The people found") },
  }),
  async (context) => {
    const { database } = context.var.api;
    const { query, ids, limit, cursor } = context.req.valid("query");
    if (ids !== undefined && query === undefined) {
      return context.json({ items: await peopleOf(database, ids), nextCursor: null }, 200);
    }
    if (query === undefined || ids !== undefined) {
      const message = "either query or ids is required, not both";
      throw new Problem("invalid_request", { errors: [{ path: "query", message }] });
    }
    const after = cursor === undefined ? undefined : decodeCursor(SearchKey, cursor);
    const rows = await searchPeople(database, searchText(query), limit + 1, after);
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
    const [found] = await database.select({ user: userColumn }).from(users).where(eq(users.id, userId));
    if (found === undefined) throw new Problem("user_not_found");
    return context.json(found.user, 200);
  },
);

/** The users that exist among these ids, each once, in the order of the ids. One statement. */
async function peopleOf(database: Database, ids: UserId[]): Promise<User[]> {
  const wanted = sql`${users.id} = ANY(${sql.param(ids)}::bigint[])`;
  const found = await database.select({ user: userColumn }).from(users).where(wanted);
  const byId = new Map(found.map(({ user }) => [user.id, user]));
  return [...new Set(ids)].flatMap((id) => byId.get(id) ?? []);
}
