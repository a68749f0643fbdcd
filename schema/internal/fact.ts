import { z } from "zod";
import { ConversationId } from "../wire/conversation-id.ts";
import { ClientId, FriendRequestId, GroupId, MessageId, SessionId, Timestamp, UserId } from "../wire/ids.ts";
import { Notice } from "../wire/message.ts";

/**
 * A change in Postgres that sockets must learn of. A fact names what changed but not the new state: task reads the state
 * when it applies the fact, so that a late, repeated or overtaken fact cannot cause a wrong event. Triggers write facts
 * into `pending_facts` in the transaction of the change (`schema/migrations/0002_operations.sql`); from there they go
 * through the log. A notice is the exception: it says what has happened, and is stored as a message under its client id,
 * once. Whoever makes the change writes it, because a trigger does not know who that is.
 */
export const Fact = z.discriminatedUnion("kind", [
  /** A user has joined a group or left it. Topic: the group's. */
  z.object({ kind: z.literal("membership"), groupId: GroupId, userId: UserId }),
  /** A group's name, picture, settings, member count or staff has changed. Topic: the group's. */
  z.object({ kind: z.literal("group"), groupId: GroupId }),
  /** A member's role or mute has changed. Topic: the group's. */
  z.object({ kind: z.literal("standing"), groupId: GroupId, userId: UserId }),
  /** A friendship of `userId` has begun or ended. Topic: the user's. */
  z.object({ kind: z.literal("friendship"), userId: UserId, friendId: UserId }),
  /** A friend request was sent to `toId`. Topic: the user's. */
  z.object({ kind: z.literal("friendRequest"), requestId: FriendRequestId, toId: UserId }),
  /** A session has ended. Topic: the user's. */
  z.object({ kind: z.literal("session"), userId: UserId, sessionId: SessionId }),
  /** Something for a conversation's history has happened. Topic: the conversation's. */
  z.object({
    kind: z.literal("notice"),
    conversation: ConversationId,
    senderId: UserId,
    clientId: ClientId,
    sentAt: Timestamp,
    notice: Notice,
  }),
  /** What a user has set for a conversation has changed. Topic: the user's. */
  z.object({ kind: z.literal("conversation"), userId: UserId, conversation: ConversationId }),
  /** A user has hidden a message from themselves. Topic: the conversation's. */
  z.object({
    kind: z.literal("hidden"),
    userId: UserId,
    conversation: ConversationId,
    messageId: MessageId,
  }),
]);
export type Fact = z.infer<typeof Fact>;
