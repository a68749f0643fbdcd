import type { Member, Role } from "../../schema/wire/group.ts";
import type { User } from "../../schema/wire/user.ts";

/** A stored member of a group. */
type MemberRow = { user: User; role: Role; joinedAt: Date; mutedUntil: Date | null };

/** A member as others in the group see them; a mute that is over is not shown. */
export function toMember({ user, role, joinedAt, mutedUntil }: MemberRow, online: boolean): Member {
  return {
    user,
    role,
    online,
    joinedAt: joinedAt.toISOString(),
    ...(mutedUntil !== null && mutedUntil.getTime() > Date.now() && { mutedUntil: mutedUntil.toISOString() }),
  };
}
