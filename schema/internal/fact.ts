import { z } from "zod";
import { FriendRequestId, GroupId, SessionId, UserId } from "../wire/ids.ts";

/**
 * Something about people that Postgres holds and sockets must learn of. A fact names what changed and not how: what is
 * true is read when task gets to it, so that a late, repeated or overtaken fact cannot lie. Triggers write facts into
 * `pending_facts` in the transaction of the change (`schema/migrations/0002_operations.sql`); from there they go through the log.
 */
export const Fact = z.discriminatedUnion("kind", [
  /** Somebody has joined a group or left it. Topic: the group's. */
  z.object({ kind: z.literal("membership"), groupId: GroupId, userId: UserId }),
  /** A group has another name, picture, member count or staff. Topic: the group's. */
  z.object({ kind: z.literal("group"), groupId: GroupId }),
  /** A friendship has begun or ended, as `userId` sees it. Topic: the user's. */
  z.object({ kind: z.literal("friendship"), userId: UserId, friendId: UserId }),
  /** Somebody asks `toId` for a friendship. Topic: the user's. */
  z.object({ kind: z.literal("friendRequest"), requestId: FriendRequestId, toId: UserId }),
  /** A session has ended. Topic: the user's. */
  z.object({ kind: z.literal("session"), userId: UserId, sessionId: SessionId }),
]);
export type Fact = z.infer<typeof Fact>;
