import { and, eq, isNull, or, type SQL } from "drizzle-orm";
import { userTopic } from "../../lib/topic.ts";
import { friendColumns } from "../../lib/views/user.ts";
import { blocks } from "../../schema/tables/friends.ts";
import { users } from "../../schema/tables/users.ts";
import { directConversation } from "../../schema/wire/conversation-id.ts";
import type { UserId } from "../../schema/wire/ids.ts";
import type { Logic } from "./context.ts";
import { publishChange } from "./facts.ts";

/**
 * Locks people's rows, always in the order of their ids: changes between two people happen one after the other, so that
 * two requests that cross become a friendship, and a request cannot pass a block. Those who are deleted are not found.
 */
export function lockPeople(logic: Logic, which: SQL) {
  return logic.database
    .select(friendColumns)
    .from(users)
    .where(and(which, isNull(users.deletedAt)))
    .orderBy(users.id)
    .for("no key update");
}

/** Publishes that two people have become friends, or are friends no more. */
export async function publishFriendship(
  logic: Logic,
  one: UserId,
  other: UserId,
  may: boolean,
): Promise<void> {
  const conversation = directConversation(one, other);
  await publishChange(
    logic,
    [userTopic(one), userTopic(other)],
    [one, other].map((userId) => ({ conversation, userId, may })),
  );
}

/** The blocks between two people: those of either. */
export function betweenThem(one: UserId, other: UserId): SQL | undefined {
  return or(
    and(eq(blocks.userId, one), eq(blocks.blockedId, other)),
    and(eq(blocks.userId, other), eq(blocks.blockedId, one)),
  );
}
