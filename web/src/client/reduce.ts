import type { Conversation } from "../../../schema/wire/conversation.ts";
import type { ConversationId } from "../../../schema/wire/conversation-id.ts";
import type { User } from "../../../schema/wire/user.ts";
import type { Change, Directory } from "./change.ts";
import { type ConversationState, newConversation, withListing, withRead } from "./conversation-state.ts";
import { keyed, put, without } from "./maps.ts";
import { reduceEvent } from "./reduce-event.ts";
import type { State } from "./state.ts";
import { updateConversation, withConversation, withoutStored, withPeople } from "./state-updates.ts";
import { addNothing, addOlder, addSynced } from "./timeline.ts";

/** The state after a change. Pure: the same state and change give the same state. */
export function reduce(state: State, change: Change): State {
  switch (change.type) {
    case "event":
      return reduceEvent(state, change.event);
    case "connection":
      return { ...state, connection: change.connection };
    case "directory":
      return withDirectory(state, change.directory);
    case "synced": {
      const { slice, since } = change;
      const synced = withConversation(state, slice.id, (held) => ({
        ...held,
        lastSeq: Math.max(held.lastSeq, slice.lastSeq),
        readSeq: Math.max(held.readSeq, slice.readSeq),
        timeline: addSynced(held.timeline, slice, since),
      }));
      return withoutStored(synced, slice.messages);
    }
    case "nothing-to-sync":
      return updateConversation(state, change.conversation, (held) => ({
        ...held,
        timeline: addNothing(held.timeline),
      }));
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
      return { ...state, unsent: put(state.unsent, change.message.clientId, change.message) };
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

/** The lists replace what was held, but messages are kept: they are the sync's matter. */
function withDirectory(state: State, directory: Directory): State {
  const conversations = new Map<ConversationId, ConversationState>();
  for (const listing of directory.conversations) {
    const held = state.conversations.get(listing.id) ?? newConversation(listing.id);
    conversations.set(listing.id, withListing(held, listing));
  }
  // A friendship or group is a conversation from its first moment, also before its first message.
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
