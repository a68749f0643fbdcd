import { users } from "../../schema/tables/users.ts";

/** The columns of a person that anybody may see: a selected row is a `User`. `table` is `users` or an alias of it. */
export function publicColumns<Id, Username, DisplayName, AvatarUrl>(table: {
  id: Id;
  username: Username;
  displayName: DisplayName;
  avatarUrl: AvatarUrl;
}) {
  const { id, username, displayName, avatarUrl } = table;
  return { id, username, displayName, avatarUrl };
}

export const userColumns = publicColumns(users);

/** The columns that a friend may see. */
export const friendColumns = { user: userColumns, lastSeenAt: users.lastSeenAt };

/** A row of `users` as one JSON column of a hand-written statement, to be parsed as a `User`; `alias` names the table. */
export function userJson(alias: string): string {
  return `jsonb_build_object('id', ${alias}.id::text, 'username', ${alias}.username,
    'displayName', ${alias}.display_name, 'avatarUrl', ${alias}.avatar_url)`;
}
