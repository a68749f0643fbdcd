import { directConversation } from "../../schema/wire/conversation-id.ts";
import type { Friend } from "../../schema/wire/friend.ts";
import type { UserId } from "../../schema/wire/ids.ts";
import type { User } from "../../schema/wire/user.ts";

/** A row selected with `friendColumns`. */
export type FriendRow = { user: User; lastSeenAt: Date | null };

/** A friend as `viewer` sees them. `lastSeenAt` is null while the friend is online. */
export function toFriend(viewer: UserId, row: FriendRow, online: boolean): Friend {
  return {
    user: row.user,
    online,
    lastSeenAt: online ? null : (row.lastSeenAt?.toISOString() ?? null),
    conversation: directConversation(viewer, row.user.id),
  };
}
