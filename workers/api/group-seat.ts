import { and, eq } from "drizzle-orm";
import { refuseOthersThanStaff } from "../../lib/group-rules.ts";
import { Problem } from "../../lib/problem.ts";
import { members } from "../../schema/tables/conversations.ts";
import { groups } from "../../schema/tables/groups.ts";
import { groupConversation } from "../../schema/wire/conversation-id.ts";
import type { JoinPolicy, Role } from "../../schema/wire/group.ts";
import type { GroupId, UserId } from "../../schema/wire/ids.ts";
import type { Api } from "./context.ts";

/** The statement that reads a person's role in a group; no row for a group that does not exist. */
export function selectSeat({ database }: Api, groupId: GroupId, userId: UserId) {
  return database
    .select({ joinPolicy: groups.joinPolicy, role: members.role })
    .from(groups)
    .leftJoin(members, and(eq(members.conversation, groupConversation(groupId)), eq(members.userId, userId)))
    .where(eq(groups.id, groupId));
}

/** Throws the problem of everybody but a group's owner and admins. */
export function expectStaff(seat: { joinPolicy: JoinPolicy; role: Role | null } | undefined): void {
  if (seat === undefined) throw new Problem("group_not_found");
  const { joinPolicy, role } = seat;
  const refusal = refuseOthersThanStaff({ group: { joinPolicy }, role });
  if (refusal !== null) throw Problem.of(refusal);
}
