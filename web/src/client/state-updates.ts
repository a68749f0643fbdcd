import type { ConversationId } from "../../../schema/wire/conversation-id.ts";
import type { Message } from "../../../schema/wire/message.ts";
import type { User } from "../../../schema/wire/user.ts";
import { type ConversationState, newConversation } from "./conversation-state.ts";
import { put, without } from "./maps.ts";
import type { State } from "./state.ts";

/** Changes one conversation, which is created when it is new. */
export function withConversation(
  state: State,
  id: ConversationId,
  update: (held: ConversationState) => ConversationState,
): State {
  const held = state.conversations.get(id) ?? newConversation(id);
  return { ...state, conversations: put(state.conversations, id, update(held)) };
}

/** Removes unsent messages that are stored now. */
export function withoutStored(state: State, stored: readonly Message[]): State {
  const mine = stored.filter(
    ({ senderId, clientId }) => senderId === state.me.id && state.unsent.has(clientId),
  );
  if (mine.length === 0) return state;
  return { ...state, unsent: without(state.unsent, ...mine.map(({ clientId }) => clientId)) };
}

/** Adds people whose names are known. */
export function withPeople(state: State, people: readonly User[]): State {
  if (people.length === 0) return state;
  const known = new Map(state.people);
  for (const user of people) known.set(user.id, user);
  return { ...state, people: known };
}

/** Changes one conversation if it is known. */
export function updateConversation(
  state: State,
  id: ConversationId,
  update: (held: ConversationState) => ConversationState,
): State {
  return state.conversations.has(id) ? withConversation(state, id, update) : state;
}
