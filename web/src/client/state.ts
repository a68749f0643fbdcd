import type { ConversationId } from "../../../schema/wire/conversation-id.ts";
import type { Friend, FriendRequest } from "../../../schema/wire/friend.ts";
import type { ClientId, FriendRequestId, UserId } from "../../../schema/wire/ids.ts";
import type { Operation } from "../../../schema/wire/operation.ts";
import type { User } from "../../../schema/wire/user.ts";
import type { ConversationState } from "./conversation-state.ts";

/**
 * Whether events can arrive. `stopped` and `replaced` are offline until the page is loaded again: the server does not
 * want this client back, in the second case because the account has too many connections.
 */
export type Connection = "connecting" | "online" | "offline" | "stopped" | "replaced";

/** An operation of this device: a message that has not come back as a stored one, or a change that is not accepted. */
export type Outgoing = {
  readonly operation: Operation;
  /** When it was made, in ms by this device; grows strictly, so that it is also the order to send in. */
  readonly at: number;
  readonly state: "pending" | "accepted" | "failed";
  /** Why it failed. */
  readonly problem: string | null;
};

/** All that the screen shows. Only {@link reduce} changes it. */
export type State = {
  readonly me: User;
  readonly connection: Connection;
  /** Whether the server's lists have arrived at least once. */
  readonly loaded: boolean;
  readonly conversations: ReadonlyMap<ConversationId, ConversationState>;
  readonly friends: ReadonlyMap<UserId, Friend>;
  readonly incoming: ReadonlyMap<FriendRequestId, FriendRequest>;
  readonly outgoing: ReadonlyMap<FriendRequestId, FriendRequest>;
  /** All people whose names are known. */
  readonly people: ReadonlyMap<UserId, User>;
  /** Unfinished operations, in the order they were made. */
  readonly unsent: ReadonlyMap<ClientId, Outgoing>;
};

/** What is known before anything was loaded. */
export function initialState(me: User): State {
  return {
    me,
    connection: "connecting",
    loaded: false,
    conversations: new Map(),
    friends: new Map(),
    incoming: new Map(),
    outgoing: new Map(),
    people: new Map([[me.id, me]]),
    unsent: new Map(),
  };
}
