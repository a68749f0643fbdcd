import { type SQL, sql } from "drizzle-orm";
import { users } from "../../schema/tables/users.ts";
import type { Me, User } from "../../schema/wire/user.ts";

/** A row of `users` as one JSON column of a hand-written statement, to be parsed as a `User`; `alias` names the table. */
export function userJson(alias: string): string {
  return `jsonb_build_object('id', ${alias}.id::text, 'username', ${alias}.username,
    'displayName', ${alias}.display_name, 'avatarUrl', ${alias}.avatar_url
  ) || jsonb_strip_nulls(jsonb_build_object('about', nullif(${alias}.about, ''),
    'deleted', CASE WHEN ${alias}.deleted_at IS NOT NULL THEN true END))`;
}

/** A person as anybody may see them, as one column of a query; `alias` names the table, or an alias of it. */
export function userColumnOf(alias: string): SQL<User> {
  return sql<User>`(${sql.raw(userJson(alias))})`;
}

export const userColumn = userColumnOf("users");

/** A person as they see themselves. */
export const meColumn = sql<Me>`(${userColumn} || jsonb_build_object('lastSeen', users.last_seen))`;

/** The columns that a friend may see, with the setting that `toFriend` applies. */
export const friendColumns = { user: userColumn, lastSeenAt: users.lastSeenAt, lastSeen: users.lastSeen };
