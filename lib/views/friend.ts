import { directConversation } from "../../schema/wire/conversation-id.ts";
import type { Friend } from "../../schema/wire/friend.ts";
import type { UserId } from "../../schema/wire/ids.ts";
import type { LastSeen, User } from "../../schema/wire/user.ts";

/** A row selected with `friendColumns`. */
export type FriendRow = { user: User; lastSeenAt: Date | null; lastSeen: LastSeen };

/** The person who looks at a friend. */
export type Viewer = { id: UserId; lastSeen: LastSeen };

/**
 * A friend as `viewer` sees them. `lastSeenAt` is null while the friend is online, and when either of the two lets
 * nobody see when they were last seen.
 */
export function toFriend(viewer: Viewer, row: FriendRow, online: boolean): Friend {
  const hidden = viewer.lastSeen === "nobody" || row.lastSeen === "nobody";
  return {
    user: row.user,
    online,
    lastSeenAt: online || hidden ? null : (row.lastSeenAt?.toISOString() ?? null),
    conversation: directConversation(viewer.id, row.user.id),
  };
}
