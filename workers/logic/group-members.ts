import { and, eq, inArray, sql } from "drizzle-orm";
import { userColumn } from "../../lib/views/user.ts";
import { members } from "../../schema/tables/conversations.ts";
import { formerMembers } from "../../schema/tables/former-members.ts";
import { groups } from "../../schema/tables/groups.ts";
import { joinRequests } from "../../schema/tables/joining.ts";
import { users } from "../../schema/tables/users.ts";
import type { MemberChange } from "../../schema/wire/group.ts";
import type { Seq, UserId } from "../../schema/wire/ids.ts";
import type { Logic } from "./context.ts";
import { giveNotice, type Seen } from "./group-change.ts";

/**
 * The statements that take people into a group who are not in it; the second returns the group. Whoever comes back has read
 * what is there (see `former_members`).
 */
export function entering(logic: Logic, seen: Seen, userIds: UserId[], by: UserId) {
  const { database } = logic;
  const { conversation, group } = seen;
  const entrants = userIds.map((userId) => ({
    conversation,
    userId,
    role: "member" as const,
    readSeq: sql<Seq>`coalesce((
      SELECT conversations.last_seq FROM former_members JOIN conversations ON conversations.id = former_members.conversation
       WHERE former_members.conversation = ${conversation} AND former_members.user_id = ${userId}
    ), 0)`,
  }));
  return [
    database.insert(members).values(entrants),
    database
      .update(groups)
      .set({ memberCount: sql`${groups.memberCount} + ${userIds.length}` })
      .where(eq(groups.id, group.id))
      .returning(),
    giveNotice(logic, seen, by, { kind: "joined", userIds }),
    database
      .delete(joinRequests)
      .where(and(eq(joinRequests.groupId, group.id), inArray(joinRequests.userId, userIds))),
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
    database.insert(formerMembers).values({ conversation, userId }).onConflictDoNothing(),
  ] as const;
}

/**
 * The statements that change a member. A new owner is not muted, because nobody could end it; the old one becomes an
 * admin.
 */
export function changing(
  { database }: Logic,
  { conversation }: Seen,
  { callerId, userId, change }: { callerId: UserId; userId: UserId; change: MemberChange },
) {
  const { role = null, mutedUntil } = change;
  const changed = role === "owner" && userId !== callerId ? [callerId, userId] : [userId];
  const userIds = sql.param(changed);
  const setsMute = mutedUntil !== undefined || role === "owner";
  const until = role === "owner" ? null : (mutedUntil ?? null);
  return [
    // In the order of all transactions, before any of the rows is written.
    database.execute(sql`
      SELECT lock_members(array_agg(${conversation}::text), array_agg(user_id)) FROM unnest(${userIds}::bigint[]) AS user_id`),
    database.execute(sql`
      UPDATE members
         SET role = CASE WHEN user_id = ${userId} THEN coalesce(${role}, role) ELSE 'admin' END,
             muted_until = CASE WHEN user_id = ${userId} AND ${setsMute}::boolean THEN ${until}::timestamptz ELSE muted_until END
       WHERE conversation = ${conversation} AND user_id = ANY(${userIds}::bigint[])`),
  ] as const;
}

/** The statement that reads a member. */
export function selectMember({ database }: Logic, { conversation }: Seen, userId: UserId) {
  return database
    .select({
      user: userColumn,
      role: members.role,
      joinedAt: members.joinedAt,
      mutedUntil: members.mutedUntil,
    })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(and(eq(members.conversation, conversation), eq(members.userId, userId)));
}

/** The statement that deletes the conversation of a group that is no more, and leaves its messages to cron. */
export function withoutGroup({ database }: Logic, { conversation, group }: Seen) {
  return [
    database.execute(sql`
      WITH gone AS (
        DELETE FROM conversations
         WHERE id = ${conversation} AND NOT EXISTS (SELECT 1 FROM groups WHERE groups.id = ${group.id})
        RETURNING id
      )
      INSERT INTO deleted_conversations (conversation) SELECT id FROM gone`),
  ] as const;
}
