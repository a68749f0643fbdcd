import type { StatusChanges } from "./merge-status.ts";
import { conversationRecipients, type Push, serialise } from "./outline.ts";
import type { Presence } from "./presence.ts";

/** What is to be told of a batch of status: comings and goings to friends, counts to groups, reads to conversations. */
export function outlineStatus(changes: StatusChanges, presence: Presence): Push[] {
  const comings = presence.transitions.flatMap(({ userId, online, at, friends }): Push[] => {
    if (friends.length === 0) return [];
    const event = serialise({ ev: "presence", userId, online, lastSeenAt: online ? null : at });
    return [{ topic: null, to: { kind: "users", userIds: friends }, events: [event] }];
  });
  const counts = [...presence.counts].map(
    ([groupId, count]): Push => ({
      topic: null,
      to: { kind: "group", groupId },
      events: [serialise({ ev: "group.online", groupId, count })],
    }),
  );
  const reads = changes.reads.map(
    ({ conversation, userId, seq }): Push => ({
      topic: null,
      to: conversationRecipients(conversation),
      events: [serialise({ ev: "read", conversation, userId, seq })],
    }),
  );
  return [...comings, ...counts, ...reads];
}
