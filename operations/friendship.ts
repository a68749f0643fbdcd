import { toFriend } from "../lib/views/friend.ts";
import { userJson } from "../lib/views/user.ts";
import type { Fact } from "../schema/internal/fact.ts";
import { directConversation } from "../schema/wire/conversation-id.ts";
import { LastSeen, User } from "../schema/wire/user.ts";
import { type FactKind, person } from "./kind.ts";

type Friendship = Extract<Fact, { kind: "friendship" }>;

const LOOK = `
  SELECT asked.place - 1 AS place, friends.last_seen_at, friends.last_seen, viewers.last_seen AS viewer_last_seen,
         ${userJson("friends")} AS friend
    FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS asked (user_id, friend_id, place)
    JOIN friendships ON friendships.user_id = asked.user_id AND friendships.friend_id = asked.friend_id
    JOIN users AS friends ON friends.id = asked.friend_id
    JOIN users AS viewers ON viewers.id = asked.user_id`;

/** A friendship has begun or ended, as one of the two sees it: they may write to each other from here on, or not. */
export const friendship: FactKind<Friendship> = {
  online: ({ friendId }) => ({ userIds: [friendId] }),

  apply: (run) => ({
    text: LOOK,
    values: [run.map(({ fact }) => fact.userId), run.map(({ fact }) => fact.friendId)],
  }),

  push({ fact: { userId, friendId } }, row, online) {
    const to = person(userId);
    const writer = { conversation: directConversation(userId, friendId), userId };
    if (row === undefined) {
      return [
        { to, event: { ev: "friend.removed", userId: friendId }, permission: { ...writer, may: false } },
      ];
    }
    const lastSeenAt = row.last_seen_at === null ? null : new Date(String(row.last_seen_at));
    const viewer = { id: userId, lastSeen: LastSeen.parse(row.viewer_last_seen) };
    const seen = { user: User.parse(row.friend), lastSeenAt, lastSeen: LastSeen.parse(row.last_seen) };
    const friend = toFriend(viewer, seen, online.users.has(friendId));
    return [{ to, event: { ev: "friend.added", friend }, permission: { ...writer, may: true } }];
  },
};
