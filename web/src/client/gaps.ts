import type { ConversationId } from "../../../schema/wire/conversation-id.ts";
import { isBehind, isNameless } from "./conversation-state.ts";
import type { SocketEvent } from "./frame.ts";
import type { State } from "./state.ts";

/**
 * What is missing after events: messages (a rev that skips ahead, a conversation new to this device), or the name
 * of a conversation, which only the lists have; null for nothing.
 */
export function gapIn(state: State, events: readonly SocketEvent[]): "messages" | "name" | null {
  const touched = events.flatMap(conversationOf).flatMap((id) => state.conversations.get(id) ?? []);
  if (touched.some(isNameless)) return "name";
  return touched.some(isBehind) ? "messages" : null;
}

/** The conversation that an event brings news of, if any. */
export function conversationOf(event: SocketEvent): ConversationId[] {
  switch (event.ev) {
    case "message":
      return [event.message.conversation];
    case "friend.added":
      return [event.friend.conversation];
    case "group.joined":
      return [event.group.conversation];
    default:
      return [];
  }
}
