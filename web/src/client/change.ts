import type { Conversation, SyncAnswer } from "../../../schema/wire/conversation.ts";
import type { ConversationId } from "../../../schema/wire/conversation-id.ts";
import type { Friend, FriendRequest } from "../../../schema/wire/friend.ts";
import type { ClientId, FriendRequestId } from "../../../schema/wire/ids.ts";
import type { Message } from "../../../schema/wire/message.ts";
import type { ServerEvent } from "../../../schema/wire/socket.ts";
import type { User } from "../../../schema/wire/user.ts";
import type { Connection, Outgoing } from "./state.ts";

/** The server's lists, as they were at one moment. */
export type Directory = {
  friends: readonly Friend[];
  incoming: readonly FriendRequest[];
  outgoing: readonly FriendRequest[];
  conversations: readonly Conversation[];
};

/** Everything that can happen to the state. Adding a thing is adding a line here and a case in `reduce`. */
export type Change =
  | { type: "event"; event: ServerEvent }
  | { type: "connection"; connection: Connection }
  | { type: "directory"; directory: Directory }
  | { type: "synced"; slice: SyncAnswer["conversations"][number]; since: number | null }
  | { type: "nothing-to-sync"; conversation: ConversationId }
  | { type: "older"; conversation: ConversationId; messages: readonly Message[]; complete: boolean }
  | { type: "read"; conversation: ConversationId; seq: number }
  | { type: "unsent"; message: Outgoing }
  | { type: "discarded"; clientId: ClientId }
  | { type: "requested"; request: FriendRequest }
  | { type: "declined"; id: FriendRequestId }
  | { type: "people"; people: readonly User[] }
  | { type: "me"; me: User };
