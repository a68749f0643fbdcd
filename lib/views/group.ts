import type { z } from "zod";
import { groupConversation } from "../../schema/wire/conversation-id.ts";
import { Group, type Role } from "../../schema/wire/group.ts";

/** The fields of a group that everybody may see and that do not depend on the viewer. */
export const GroupView = Group.pick({
  id: true,
  name: true,
  description: true,
  avatarUrl: true,
  joinPolicy: true,
  posting: true,
  memberCount: true,
}).extend({ retentionDays: Group.shape.retentionDays.unwrap().nullable() });
export type GroupView = z.infer<typeof GroupView>;

/** A row of `groups` as one JSON column of a hand-written statement, to be parsed as a `GroupView`. */
export const GROUP_JSON = `jsonb_build_object(
  'id', groups.id::text, 'name', groups.name, 'description', groups.description,
  'avatarUrl', groups.avatar_url, 'joinPolicy', groups.join_policy, 'posting', groups.posting,
  'memberCount', groups.member_count, 'retentionDays', groups.retention_days)`;

/** A group as a person with this role sees it; `role` is null for a person who is not a member. */
export function toGroup(view: GroupView, role: Role | null, onlineCount: number): Group {
  const { id, name, description, avatarUrl, joinPolicy, posting, memberCount, retentionDays } = view;
  return {
    id,
    name,
    description,
    avatarUrl,
    joinPolicy,
    posting,
    ...(retentionDays !== null && { retentionDays }),
    memberCount,
    onlineCount,
    role,
    conversation: groupConversation(id),
  };
}
