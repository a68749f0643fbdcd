import { and, eq, sql } from "drizzle-orm";
import { members } from "../../schema/tables/conversations.ts";
import { groups } from "../../schema/tables/groups.ts";
import type { UserId } from "../../schema/wire/ids.ts";
import type { Logic } from "./context.ts";
import { giveNotice, type Seen } from "./group-change.ts";

/** The statements that take people into a group who are not in it; the second returns the group. */
export function entering(logic: Logic, seen: Seen, userIds: UserId[], by: UserId) {
  const { database } = logic;
  const { conversation, group } = seen;
  return [
    database
      .insert(members)
      .values(userIds.map((userId) => ({ conversation, userId, role: "member" as const }))),
    database
      .update(groups)
      .set({ memberCount: sql`${groups.memberCount} + ${userIds.length}` })
      .where(eq(groups.id, group.id))
      .returning(),
    giveNotice(logic, seen, by, { kind: "joined", userIds }),
  ] as const;
}

/** The statements that take a member out of a group: somebody else removes them, or they leave. */
export function leaving(logic: Logic, seen: Seen, userId: UserId, by: UserId) {
  const { database } = logic;
  const { conversation, group } = seen;
  const kind = userId === by ? "left" : "removed";
  return [
    database.delete(members).where(and(eq(members.conversation, conversation), eq(members.userId, userId))),
    database
      .update(groups)
      .set({ memberCount: sql`${groups.memberCount} - 1` })
      .where(eq(groups.id, group.id)),
    giveNotice(logic, seen, by, { kind, userId }),
  ] as const;
}
