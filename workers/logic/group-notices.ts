import { groupTopic } from "../../lib/topic.ts";
import type { Group, Role } from "../../schema/wire/group.ts";
import type { GroupId, UserId } from "../../schema/wire/ids.ts";
import type { Operation } from "./append.ts";

/** Those of a group who have a role above `member`. */
export type Staff = { userId: UserId; role: Role }[];

/** Tells somebody that they are in a group now; their channels are linked into its lists before that. */
export function memberJoined(group: Group, userId: UserId): Operation {
  return {
    topic: groupTopic(group.id),
    record: {
      kind: "notice",
      to: { kind: "users", userIds: [userId] },
      event: { ev: "group.joined", group },
      control: { kind: "link", userId, groupId: group.id },
    },
  };
}

/** Tells somebody that they are out of a group; their channels are unlinked after that. */
export function memberLeft(groupId: GroupId, userId: UserId): Operation {
  return {
    topic: groupTopic(groupId),
    record: {
      kind: "notice",
      to: { kind: "users", userIds: [userId] },
      event: { ev: "group.left", groupId },
      control: { kind: "unlink", userId, groupId },
    },
  };
}

/**
 * Tells everybody of a group how it is now. A group is seen with one's own role: the whole group gets it as a member
 * sees it, then those with another role as they do, so that everybody is left with their own.
 */
export function groupUpdated(group: Group, staff: Staff): Operation[] {
  const topic = groupTopic(group.id);
  const asSeenBy = (role: Role) => ({ ev: "group.updated", group: { ...group, role } }) as const;
  const notices: Operation[] = [
    {
      topic,
      record: { kind: "notice", to: { kind: "group", groupId: group.id }, event: asSeenBy("member") },
    },
  ];
  for (const role of ["admin", "owner"] as const) {
    const userIds = staff.filter((person) => person.role === role).map(({ userId }) => userId);
    if (userIds.length === 0) continue;
    notices.push({
      topic,
      record: { kind: "notice", to: { kind: "users", userIds }, event: asSeenBy(role) },
    });
  }
  return notices;
}
