import type { Conversation, SyncResponse } from "../../../schema/wire/conversation.ts";
import type { ConversationId } from "../../../schema/wire/conversation-id.ts";
import type { Friend, FriendRequest } from "../../../schema/wire/friend.ts";
import type { ClientId, FriendRequestId } from "../../../schema/wire/ids.ts";
import type { Message } from "../../../schema/wire/message.ts";
import type { User } from "../../../schema/wire/user.ts";
import type { SocketEvent } from "./frame.ts";
import type { Connection, Outgoing } from "./state.ts";

/** The server's lists, read page by page while events went on arriving. */
export type Directory = {
  friends: readonly Friend[];
  incoming: readonly FriendRequest[];
  outgoing: readonly FriendRequest[];
  conversations: readonly Conversation[];
  /** Conversations that had events meanwhile: one that moves to the first page while the second is read is in none. */
  active: ReadonlySet<ConversationId>;
};

/** One conversation of a sync's response; `since` is the rev named in the request, null when it was not named. */
export type SyncedSlice = SyncResponse["conversations"][number] & { since: number | null };

/** Everything that can happen to the state. A new kind is a line here and a case in `reduce`. */
export type Change =
  | { type: "event"; event: SocketEvent }
  | { type: "connection"; connection: Connection }
  | { type: "directory"; directory: Directory }
  | { type: "synced"; slices: readonly SyncedSlice[]; empty: readonly ConversationId[] }
  | {
      type: "newest";
      conversation: ConversationId;
      messages: readonly Message[];
      rev: number;
      complete: boolean;
    }
  | { type: "older"; conversation: ConversationId; messages: readonly Message[]; complete: boolean }
  | { type: "read"; conversation: ConversationId; seq: number }
  | { type: "unsent"; outgoing: Outgoing }
  | { type: "discarded"; clientId: ClientId }
  | { type: "requested"; request: FriendRequest }
  | { type: "declined"; id: FriendRequestId }
  | { type: "people"; people: readonly User[] }
  | { type: "me"; me: User };
