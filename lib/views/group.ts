import type { groups } from "../../schema/tables/groups.ts";
import { groupConversation } from "../../schema/wire/conversation-id.ts";
import type { Group, Role } from "../../schema/wire/group.ts";

export type GroupRow = typeof groups.$inferSelect;

/** A group as somebody with this role sees it; null for who is not in it. */
export function toGroup(row: GroupRow, role: Role | null, onlineCount: number): Group {
  const { id, name, avatarUrl, joinPolicy, memberCount } = row;
  return {
    id,
    name,
    avatarUrl,
    joinPolicy,
    memberCount,
    onlineCount,
    role,
    conversation: groupConversation(id),
  };
}
