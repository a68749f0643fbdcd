import { and, arrayContains, type SQL, type SQLWrapper, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { Database } from "../../lib/database.ts";
import { gramsWithin, isOneCharacter } from "../../lib/search-grams.ts";
import { userColumns } from "../../lib/views/user.ts";
import { users } from "../../schema/tables/users.ts";

/**
 * Whether a text has the query in it; a query of a single character must begin a word. The query is one that
 * `searchText` has made, `grams` is the column with the GIN index, and `text` is compared where the grams do not say all.
 */
export function contains(text: SQLWrapper, grams: PgColumn, query: string): SQL | undefined {
  const indexed = arrayContains(grams, gramsWithin(query));
  return isOneCharacter(query) ? indexed : and(indexed, sql`strpos(${text}, ${query}) > 0`);
}

/** How well a folded name fits a query: 0 is the name itself, 1 begins with it, 2 is found otherwise. */
export function rank(foldedName: SQLWrapper, query: string): SQL<number> {
  return sql<number>`CASE WHEN ${foldedName} = ${query} THEN 0 WHEN starts_with(${foldedName}, ${query}) THEN 1 ELSE 2 END`;
}

/** Where a page of found people ended: the rank and the folded user name of its last. */
export type AfterPerson = readonly [rank: string, usernameFolded: string];

/** People by a part of one of their names, the best fit first. */
export function searchPeople(
  database: Database,
  query: string,
  limit: number,
  after: AfterPerson | undefined,
) {
  const fit = rank(users.usernameFolded, query);
  return database
    .select({ user: userColumns, fit, usernameFolded: users.usernameFolded })
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
