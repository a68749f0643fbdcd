import { users } from "../../schema/tables/users.ts";

/** What of a person's row anybody may see: selected, it is a `User` of the wire. */
export const userColumns = {
  id: users.id,
  username: users.username,
  displayName: users.displayName,
  avatarUrl: users.avatarUrl,
};

/** The same, with what a friend may see. */
export const friendColumns = { user: userColumns, lastSeenAt: users.lastSeenAt };
