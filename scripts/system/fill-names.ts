import { sql } from "drizzle-orm";
import { groupName, personNames } from "../../lib/names.ts";
import { groups } from "../../schema/tables/groups.ts";
import { users } from "../../schema/tables/users.ts";
import type { AnyDatabase } from "./migrations.ts";

/** The most rows that one statement fills. */
const BATCH = 1_000;

/**
 * Fills the search columns of people and groups that were stored before those columns existed. Names are folded here,
 * because the database folds differently. Every name has grams, so a row without grams is not yet filled, or a person who is deleted.
 */
export async function fillNames(database: AnyDatabase): Promise<void> {
  // In batches, so that no statement or transaction grows with the table. Each batch leaves fewer rows without grams.
  while ((await fillPeople(database)) === BATCH);
  while ((await fillGroups(database)) === BATCH);
}

/** Returns how many rows it found, at most a batch. */
async function fillPeople(database: AnyDatabase): Promise<number> {
  const { id, username, displayName } = users;
  const found = await database
    .select({ id, username, displayName })
    .from(users)
    .where(sql`${users.searchGrams} = '{}' AND ${users.deletedAt} IS NULL`)
    .limit(BATCH);
  if (found.length === 0) return 0;
  const fresh = found.map((person) => ({
    id: person.id,
    ...personNames(person.username, person.displayName),
  }));
  // Folds are unique: a user name whose new fold equals that of another keeps its old fold.
  await database.execute(sql`
    WITH fresh AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(fresh)}::jsonb)
        AS fresh (id bigint, "usernameFolded" text, "searchText" text, "searchGrams" text[])
    )
    UPDATE users SET
      search_text = fresh."searchText",
      search_grams = fresh."searchGrams",
      username_folded = CASE
        WHEN fresh."usernameFolded" = users.username_folded THEN users.username_folded
        WHEN EXISTS (SELECT FROM users other WHERE other.username_folded = fresh."usernameFolded")
          THEN users.username_folded
        WHEN EXISTS (
          SELECT FROM fresh other WHERE other."usernameFolded" = fresh."usernameFolded" AND other.id < fresh.id
        ) THEN users.username_folded
        ELSE fresh."usernameFolded"
      END
    FROM fresh WHERE users.id = fresh.id AND users.search_grams = '{}' AND users.deleted_at IS NULL`);
  return found.length;
}

/** Returns how many rows it found, at most a batch. */
async function fillGroups(database: AnyDatabase): Promise<number> {
  const { id, name } = groups;
  const found = await database
    .select({ id, name })
    .from(groups)
    .where(sql`${groups.searchGrams} = '{}'`)
    .limit(BATCH);
  if (found.length === 0) return 0;
  const fresh = found.map((group) => ({ id: group.id, ...groupName(group.name) }));
  await database.execute(sql`
    UPDATE groups SET name_folded = fresh."nameFolded", search_grams = fresh."searchGrams"
      FROM jsonb_to_recordset(${JSON.stringify(fresh)}::jsonb)
        AS fresh (id bigint, "nameFolded" text, "searchGrams" text[])
     WHERE groups.id = fresh.id AND groups.search_grams = '{}'`);
  return found.length;
}
