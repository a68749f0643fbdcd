import { z } from "zod";
import { Conversation } from "./conversation.ts";
import { ConversationId } from "./conversation-id.ts";
import { Friend, FriendRequest } from "./friend.ts";
import { Group } from "./group.ts";
import { GroupId, MessageId, Seq, SessionId, Timestamp, UserId } from "./ids.ts";
import { Accepted, Message } from "./message.ts";
import { ProblemDocument } from "./problem.ts";

/** The WebSocket subprotocol, and the prefix of the one that carries the ticket. */
export const SUBPROTOCOL = "im.v1";
export const TICKET_PREFIX = "ticket.";

/** The largest frame a client may send, in bytes of UTF-8. */
export const MAX_FRAME_BYTES = 64 * 1024;

/** Every reason to close a socket, and whether the client should reconnect (after a random, growing wait). */
export const CLOSE = {
  frameTooLarge: { code: 1009, reason: "frame over 64 KiB", reconnect: false },
  restarting: { code: 1012, reason: "restarting", reconnect: true },
  tryAgainLater: { code: 1013, reason: "try again later", reconnect: true },
  badFrames: { code: 4000, reason: "bad frames again and again", reconnect: false },
  sessionEnded: { code: 4001, reason: "session ended", reconnect: false },
  tooManyFrames: { code: 4008, reason: "too many frames", reconnect: true },
  tooManySockets: { code: 4009, reason: "another device has taken this place", reconnect: false },
} as const;
export type Close = (typeof CLOSE)[keyof typeof CLOSE];

/** An event from the server; a frame is a JSON array of events. To add an event, add a line here. */
export const ServerEvent = z.discriminatedUnion("ev", [
  z.object({
    ev: z.literal("ready"),
    userId: UserId,
    sessionId: SessionId,
    serverId: z.string(),
    bucket: z.int(),
  }),
  z.object({ ev: z.literal("accepted"), ...Accepted.shape }),
  z.object({
    ev: z.literal("rejected"),
    clientId: z.string(),
    problem: ProblemDocument,
    /** with `rate_limited`: in how many seconds the operation may be sent again */
    retryAfter: z.int().optional(),
  }),
  z.object({ ev: z.literal("error"), problem: ProblemDocument }),
  z.object({ ev: z.literal("message"), message: Message }),
  z.object({
    ev: z.literal("presence"),
    userId: UserId,
    online: z.boolean(),
    lastSeenAt: Timestamp.nullable(),
  }),
  z.object({ ev: z.literal("group.online"), groupId: GroupId, count: z.int() }),
  z.object({ ev: z.literal("read"), conversation: ConversationId, userId: UserId, seq: Seq }),
  z.object({ ev: z.literal("typing"), conversation: ConversationId, userId: UserId }),
  z.object({ ev: z.literal("conversation.updated"), conversation: Conversation }),
  z.object({ ev: z.literal("message.hidden"), conversation: ConversationId, messageId: MessageId }),
  z.object({ ev: z.literal("friend.requested"), request: FriendRequest }),
  z.object({ ev: z.literal("friend.added"), friend: Friend }),
  z.object({ ev: z.literal("friend.removed"), userId: UserId }),
  z.object({ ev: z.literal("group.updated"), group: Group }),
  z.object({ ev: z.literal("group.joined"), group: Group }),
  z.object({ ev: z.literal("group.left"), groupId: GroupId }),
]);
export type ServerEvent = z.infer<typeof ServerEvent>;

/** The URL and the ticket with which a client opens a socket. */
export const ConnectResponse = z
  .object({
    url: z.string(),
    ticket: z.string(),
    serverId: z.string(),
    bucket: z.int(),
    expiresAt: Timestamp,
  })
  .meta({ id: "ConnectResponse" });
export type ConnectResponse = z.infer<typeof ConnectResponse>;
