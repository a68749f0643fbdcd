import { conversationRecipients, person } from "../../operations/kind.ts";
import type { StatusRecord } from "../../schema/internal/status-record.ts";
import type { GroupId, UserId } from "../../schema/wire/ids.ts";
import type { Transition } from "./presence.ts";
import { type Push, serialise } from "./push.ts";

/** Somebody has joined a group or left it. */
export type Membership = Extract<StatusRecord, { kind: "membership" }>;
type Typing = Extract<StatusRecord, { kind: "typing" }>;
type Read = Extract<StatusRecord, { kind: "read" }>;

/** A batch of status records, of which only the last of each subject is left. */
export type StatusChanges = {
  /** Whose presence is to be looked at, and when something last happened to it. */
  presence: Map<UserId, string>;
  /** Each person and group whose membership is to be looked at. */
  memberships: Membership[];
  /** The groups whose online count is to be pushed whether or not it has changed. */
  counts: Set<GroupId>;
  /** The furthest that each person has read in each conversation. */
  reads: Read[];
  /** Who is typing where. */
  typings: Typing[];
};

/** Merges a batch: each person and each membership once, and the furthest read. */
export function mergeStatus(records: StatusRecord[]): StatusChanges {
  const presence = new Map<UserId, string>();
  const memberships = new Map<string, Membership>();
  const counts = new Set<GroupId>();
  const reads = new Map<string, Read>();
  const typings = new Map<string, Typing>();
  for (const record of records) {
    switch (record.kind) {
      case "presence":
        presence.set(record.userId, record.at);
        break;
      case "membership":
        memberships.set(`${record.groupId} ${record.userId}`, record);
        break;
      case "count":
        counts.add(record.groupId);
        break;
      case "read": {
        const key = `${record.conversation} ${record.userId}`;
        const known = reads.get(key);
        if (known === undefined || known.seq < record.seq) reads.set(key, record);
        break;
      }
      case "typing":
        typings.set(`${record.conversation} ${record.userId}`, record);
        break;
      default:
        record satisfies never;
    }
  }
  return {
    presence,
    memberships: [...memberships.values()],
    counts,
    reads: [...reads.values()],
    typings: [...typings.values()],
  };
}

/** What is pushed of a batch of status: comings and goings to friends, counts to groups, reads and typing to conversations. */
export function statusPushes(
  changes: StatusChanges,
  transitions: Transition[],
  counted: Map<GroupId, number>,
): Push[] {
  const comings = transitions.flatMap(({ userId, online, at, friends, untold }): Push[] => {
    const tell = (userIds: UserId[], lastSeenAt: string | null): Push[] => {
      if (userIds.length === 0) return [];
      const event = serialise({ ev: "presence", userId, online, lastSeenAt });
      return [{ topic: null, to: { kind: "users", userIds }, events: [event] }];
    };
    if (online) return tell(friends, null);
    return [
      ...tell(
        friends.filter((friend) => !untold.has(friend)),
        at,
      ),
      ...tell([...untold], null),
    ];
  });
  const counts = [...counted].map(
    ([groupId, count]): Push => ({
      topic: null,
      to: { kind: "group", groupId },
      events: [serialise({ ev: "group.online", groupId, count })],
    }),
  );
  const reads = changes.reads.map(
    ({ conversation, userId, seq, audience }): Push => ({
      topic: null,
      to: audience === "reader" ? person(userId) : conversationRecipients(conversation),
      events: [serialise({ ev: "read", conversation, userId, seq })],
    }),
  );
  const typings = changes.typings.map(
    ({ conversation, userId }): Push => ({
      topic: null,
      to: conversationRecipients(conversation),
      events: [serialise({ ev: "typing", conversation, userId })],
    }),
  );
  return [...comings, ...counts, ...reads, ...typings];
}
