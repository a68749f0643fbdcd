import type { Conversation } from "../../../schema/wire/conversation.ts";
import type { ConversationId } from "../../../schema/wire/conversation-id.ts";
import type { User } from "../../../schema/wire/user.ts";
import type { Change, Directory, SyncedSlice } from "./change.ts";
import {
  type ConversationState,
  newConversation,
  withListing,
  withRead,
  withSynced,
} from "./conversation-state.ts";
import { keyed, put, without } from "./maps.ts";
import { reduceEvent } from "./reduce-event.ts";
import type { State } from "./state.ts";
import { updateConversation, withoutStored, withPeople } from "./state-updates.ts";
import { addNewest, addNothing, addOlder } from "./timeline.ts";

/** The state after a change. Pure: the same state and change give the same state. */
export function reduce(state: State, change: Change): State {
  switch (change.type) {
    case "event":
      return reduceEvent(state, change.event);
    case "connection":
      return { ...state, connection: change.connection };
    case "directory":
      return withDirectory(state, change.directory);
    case "synced":
      return withSlices(state, change.slices, change.empty);
    case "newest":
      return withoutStored(
        updateConversation(state, change.conversation, (held) => ({
          ...held,
          timeline: addNewest(held.timeline, change.messages, change.rev, change.complete),
        })),
        change.messages,
      );
    case "older":
      return withoutStored(
        updateConversation(state, change.conversation, (held) => ({
          ...held,
          timeline: addOlder(held.timeline, change.messages, change.complete),
        })),
        change.messages,
      );
    case "read":
      return updateConversation(state, change.conversation, (held) => withRead(held, change.seq));
    case "unsent":
      return { ...state, unsent: put(state.unsent, change.outgoing.operation.clientId, change.outgoing) };
    case "discarded":
      return { ...state, unsent: without(state.unsent, change.clientId) };
    case "requested":
      return { ...state, outgoing: put(state.outgoing, change.request.id, change.request) };
    case "declined":
      return { ...state, incoming: without(state.incoming, change.id) };
    case "people":
      return withPeople(state, change.people);
    case "me":
      return withPeople({ ...state, me: change.me }, [change.me]);
  }
}

/** One copy of the map for the whole response: a copy a conversation would be quadratic. */
function withSlices(state: State, slices: readonly SyncedSlice[], empty: readonly ConversationId[]): State {
  const conversations = new Map(state.conversations);
  for (const slice of slices) {
    conversations.set(slice.id, withSynced(conversations.get(slice.id) ?? newConversation(slice.id), slice));
  }
  for (const id of empty) {
    const held = conversations.get(id);
    if (held !== undefined) conversations.set(id, { ...held, timeline: addNothing(held.timeline) });
  }
  return withoutStored(
    { ...state, conversations },
    slices.flatMap(({ messages }) => messages),
  );
}

/** The lists replace what was held; messages, which only syncs and the history bring, are kept. */
function withDirectory(state: State, directory: Directory): State {
  const conversations = new Map<ConversationId, ConversationState>();
  for (const listing of directory.conversations) {
    const held = state.conversations.get(listing.id) ?? newConversation(listing.id);
    conversations.set(listing.id, withListing(held, listing));
  }
  for (const id of directory.active) {
    const held = state.conversations.get(id);
    if (held !== undefined && !conversations.has(id)) conversations.set(id, held);
  }
  // A friendship is a conversation from its first moment, also before its first message.
  for (const { user, conversation } of directory.friends) {
    const held = conversations.get(conversation) ?? state.conversations.get(conversation);
    conversations.set(conversation, { ...(held ?? newConversation(conversation)), peer: user });
  }
  const people = [
    ...directory.friends.map(({ user }) => user),
    ...directory.incoming.map(({ from }) => from),
    ...directory.outgoing.map(({ to }) => to),
    ...directory.conversations.flatMap(peerOf),
  ];
  const next = {
    ...state,
    loaded: true,
    conversations,
    friends: keyed(directory.friends, ({ user }) => user.id),
    incoming: keyed(directory.incoming, ({ id }) => id),
    outgoing: keyed(directory.outgoing, ({ id }) => id),
  };
  return withPeople(next, people);
}

function peerOf({ peer }: Conversation): User[] {
  return peer === undefined ? [] : [peer];
}
