import type { ConversationId } from "../../../schema/wire/conversation-id.ts";
import type { ServerEvent } from "../../../schema/wire/socket.ts";
import { isNameless } from "./conversation-state.ts";
import type { State } from "./state.ts";
import { isBehind } from "./timeline.ts";

/**
 * What events show to be missing: messages (a rev that skips ahead, a conversation that is new here), or even
 * the name of a conversation, which only the lists tell; null for nothing.
 */
export function gapIn(state: State, events: readonly ServerEvent[]): "messages" | "name" | null {
  const touched = events
    .flatMap(conversationOf)
    .flatMap((id) => state.conversations.get(id) ?? [])
    .filter(({ timeline }) => isBehind(timeline));
  if (touched.length === 0) return null;
  return touched.some(isNameless) ? "name" : "messages";
}

function conversationOf(event: ServerEvent): ConversationId[] {
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
