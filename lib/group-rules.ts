import type { JoinPolicy, Role } from "../schema/wire/group.ts";
import { type Refusal, refuse } from "./rpc/outcome.ts";

/** A group and the role in it of somebody, null of who is not a member. */
type Seat = { group: { joinPolicy: JoinPolicy }; role: Role | null };

/** The refusal of what only a group's owner and admins may do; null for them. */
export function refuseOthersThanStaff({ group, role }: Seat): Refusal | null {
  if (role === null) return refuseStranger(group);
  return role === "member" ? refuse("not_allowed", "Only the group's owner and admins may do this") : null;
}

/** The refusal of somebody who is not a member: a group by invitation does not exist for them. */
export function refuseStranger({ joinPolicy }: Seat["group"]): Refusal {
  return joinPolicy === "invite"
    ? refuse("group_not_found")
    : refuse("not_allowed", "Only members of the group may do this");
}
