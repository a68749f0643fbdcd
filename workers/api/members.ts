import { and, asc, eq, exists, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { onlineAmong } from "../../lib/presence.ts";
import { toMember } from "../../lib/views/member.ts";
import { userColumn } from "../../lib/views/user.ts";
import { members } from "../../schema/tables/conversations.ts";
import { users } from "../../schema/tables/users.ts";
import { groupConversation } from "../../schema/wire/conversation-id.ts";
import type { Member } from "../../schema/wire/group.ts";
import type { GroupId, UserId } from "../../schema/wire/ids.ts";
import type { Api } from "./context.ts";

/** A place in the order of a group's members: when somebody joined, and who. */
export type AfterMember = readonly [joinedAt: string, userId: string];

const own = alias(members, "own");

/** Members of a group in the order in which they joined; nobody for a caller who is not one of them. Two round trips. */
export async function listMembers(
  { database, redis }: Pick<Api, "database" | "redis">,
  { groupId, callerId }: { groupId: GroupId; callerId: UserId },
  limit: number,
  after?: AfterMember,
): Promise<Member[]> {
  const conversation = groupConversation(groupId);
  const callerIsIn = database
    .select({ one: sql`1` })
    .from(own)
    .where(and(eq(own.conversation, conversation), eq(own.userId, callerId)));
  const rows = await database
    .select({
      user: userColumn,
      role: members.role,
      joinedAt: members.joinedAt,
      mutedUntil: members.mutedUntil,
    })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(
      and(
        eq(members.conversation, conversation),
        exists(callerIsIn),
        after &&
          sql`(${members.joinedAt}, ${members.userId}) > (${after[0]}::timestamptz, ${after[1]}::bigint)`,
      ),
    )
    .orderBy(asc(members.joinedAt), asc(members.userId))
    .limit(limit);
  const online = await onlineAmong(
    redis,
    rows.map(({ user }) => user.id),
  );
  return rows.map((row) => toMember(row, online.has(row.user.id)));
}
