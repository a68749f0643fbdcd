import { type SQL, type SQLWrapper, sql } from "drizzle-orm";
import { fold } from "../../schema/wire/text.ts";

/** How well a folded name fits a search: 0 is the name itself, 1 begins with it, 2 has it somewhere. */
export function rank(foldedName: SQLWrapper, query: string): SQL<number> {
  const folded = fold(query);
  return sql<number>`CASE WHEN ${foldedName} = ${folded} THEN 0 WHEN ${foldedName} LIKE ${`${escapeLike(folded)}%`} THEN 1 ELSE 2 END`;
}

/** Whether a folded name contains what is searched for. */
export function contains(foldedName: SQLWrapper, query: string): SQL {
  return sql`${foldedName} LIKE ${`%${escapeLike(fold(query))}%`}`;
}

/** The characters that mean something to LIKE mean themselves. */
export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&");
}
