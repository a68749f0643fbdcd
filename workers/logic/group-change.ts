import { and, eq, inArray, sql } from "drizzle-orm";
import { noticeFact } from "../../lib/notice-fact.ts";
import { isOvertaken } from "../../lib/overtaken.ts";
import { type Outcome, refuse } from "../../lib/rpc/outcome.ts";
import { conversationTopic } from "../../lib/topic.ts";
import { members } from "../../schema/tables/conversations.ts";
import { groups } from "../../schema/tables/groups.ts";
import { pendingFacts } from "../../schema/tables/pending-facts.ts";
import { type ConversationId, groupConversation } from "../../schema/wire/conversation-id.ts";
import type { Role } from "../../schema/wire/group.ts";
import type { GroupId, UserId } from "../../schema/wire/ids.ts";
import type { Notice } from "../../schema/wire/message.ts";
import type { Logic } from "./context.ts";

/** Who wants to change what: the caller, the group, and the other people whom the change is about. */
export type Asked = { groupId: GroupId; callerId: UserId; otherIds?: UserId[] };

/** What a change of a group is decided on. */
export type Seen = {
  group: typeof groups.$inferSelect;
  conversation: ConversationId;
  /** the role of the caller; null when they are not a member */
  role: Role | null;
  /** the roles of all who are concerned, of those who are members */
  roles: ReadonlyMap<UserId, Role>;
  /** First in the transaction of the change: locks the group, and fails when any of this is not as it was seen. */
  lock: ReturnType<typeof lockGroup>;
};

/** Where a change happens. */
type Place = Pick<Seen, "conversation">;

/** How often a decision is made anew when it was overtaken. */
const ATTEMPTS = 5;

/**
 * Reads a group with the roles of those concerned, and has a change decided on and made: one round trip beside the
 * change's own. When a role or the join policy has changed in between, all is done again.
 */
export function changeGroup<Value>(
  logic: Logic,
  asked: Asked,
  change: (seen: Seen) => Promise<Outcome<Value>>,
): Promise<Outcome<Value>> {
  return retried(async () => {
    const seen = await lookAtGroup(logic, asked);
    return seen === null ? refuse("group_not_found") : await change(seen);
  });
}

/** Decides and makes a change anew when what it was decided on has changed before it was made. */
export async function retried<Value>(attempt: () => Promise<Outcome<Value>>): Promise<Outcome<Value>> {
  for (let count = 1; ; count++) {
    try {
      return await attempt();
    } catch (fault) {
      if (!isOvertaken(fault) || count === ATTEMPTS) throw fault;
    }
  }
}

/** Reads a group with the roles of those concerned, in one round trip. */
export async function lookAtGroup(
  logic: Logic,
  { groupId, callerId, otherIds = [] }: Asked,
): Promise<Seen | null> {
  const { database } = logic;
  const conversation = groupConversation(groupId);
  const userIds = [...new Set([callerId, ...otherIds])];
  const [[group], rows] = await database.batch([
    database.select().from(groups).where(eq(groups.id, groupId)),
    database
      .select({ userId: members.userId, role: members.role })
      .from(members)
      .where(and(eq(members.conversation, conversation), inArray(members.userId, userIds))),
  ]);
  if (group === undefined) return null;
  const roles = new Map(rows.map(({ userId, role }) => [userId, role]));
  return {
    group,
    conversation,
    role: roles.get(callerId) ?? null,
    roles,
    lock: lockGroup(logic, group, conversation, userIds, roles),
  };
}

function lockGroup(
  { database }: Logic,
  { joinPolicy }: Seen["group"],
  conversation: ConversationId,
  userIds: UserId[],
  roles: Seen["roles"],
) {
  const seen = sql.param(userIds.map((userId) => roles.get(userId) ?? null));
  return database.execute(
    sql`SELECT lock_group(${conversation}, ${joinPolicy}, ${sql.param(userIds)}::bigint[], ${seen}::text[])`,
  );
}

/** The statement that has the group's history mention what somebody did; after the change, in its transaction. */
export function giveNotice({ database }: Logic, { conversation }: Place, by: UserId, notice: Notice) {
  const topic = conversationTopic(conversation);
  return database.insert(pendingFacts).values({ topic, fact: noticeFact(conversation, by, notice) });
}
