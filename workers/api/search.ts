import { and, arrayContains, type SQL, type SQLWrapper, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { Database } from "../../lib/database.ts";
import { gramsWithin, isOneCharacter } from "../../lib/search-grams.ts";
import { userColumn } from "../../lib/views/user.ts";
import { users } from "../../schema/tables/users.ts";

/**
 * The condition that a text contains the query or, for a query of one character, has a word that begins with it. The query
 * is a result of `searchText`; `grams` is the column with the GIN index. Grams match regardless of their order, so `text`
 * is compared, too.
 */
export function contains(text: SQLWrapper, grams: PgColumn, query: string): SQL | undefined {
  const indexed = arrayContains(grams, gramsWithin(query));
  return isOneCharacter(query) ? indexed : and(indexed, sql`strpos(${text}, ${query}) > 0`);
}

/** The rank of a match, by the folded name: 0 equals the query, 1 begins with it, 2 is any other match. */
export function rank(foldedName: SQLWrapper, query: string): SQL<number> {
  return sql<number>`CASE WHEN ${foldedName} = ${query} THEN 0 WHEN starts_with(${foldedName}, ${query}) THEN 1 ELSE 2 END`;
}

/** The sort key of the last person of a page. */
export type AfterPerson = readonly [rank: string, usernameFolded: string];

/** Searches people by a part of their user name or display name, in the order of rank and user name. */
export function searchPeople(
  database: Database,
  query: string,
  limit: number,
  after: AfterPerson | undefined,
) {
  const fit = rank(users.usernameFolded, query);
  return database
    .select({ user: userColumn, fit, usernameFolded: users.usernameFolded })
    .from(users)
    .where(
      and(
        contains(users.searchText, users.searchGrams, query),
        after && sql`(${fit}, ${users.usernameFolded}) > (${after[0]}::int, ${after[1]})`,
      ),
    )
    .orderBy(fit, users.usernameFolded)
    .limit(limit);
}
