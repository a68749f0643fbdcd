import { type Refusal, refuse } from "../../lib/rpc/outcome.ts";
import type { MemberChange, Role } from "../../schema/wire/group.ts";

/** Two members of a group: the one who acts, of its staff, and the one who is acted upon. */
export type Pair = { role: Exclude<Role, "member">; otherRole: Role; isSelf: boolean };

/** Why a member may not be changed like this; null when they may. */
export function refuseChange(pair: Pair, { role, mutedUntil }: MemberChange): Refusal | null {
  if (role !== undefined && pair.role !== "owner")
    return refuse("not_allowed", "Only the group's owner may change roles");
  if (role !== undefined && pair.isSelf && role !== "owner")
    return refuse("not_allowed", "The owner hands the group over by making another member its owner");
  if (mutedUntil !== undefined && !isAbove(pair))
    return refuse("not_allowed", "Admins may mute members, and the owner everybody else");
  return null;
}

/** Why a member may not be removed; null when they may. */
export function refuseRemoval(pair: Pair): Refusal | null {
  return isAbove(pair)
    ? null
    : refuse("not_allowed", "Admins may remove members, and the owner everybody else");
}

function isAbove({ role, otherRole, isSelf }: Pair): boolean {
  if (isSelf || otherRole === "owner") return false;
  return role === "owner" || otherRole === "member";
}
