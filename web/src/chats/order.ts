import { type ConversationState, latest, title } from "../client/conversation-state.ts";
import type { Outgoing } from "../client/state.ts";

/** The conversations with the latest activity first; those without any follow by name. */
export function byActivity(
  conversations: Iterable<ConversationState>,
  unsent: Iterable<Outgoing>,
): ConversationState[] {
  const active = new Map<string, number>();
  for (const { operation, at } of unsent) if (operation.op === "send") active.set(operation.conversation, at);
  const activity = (conversation: ConversationState) => {
    const sentAt = latest(conversation)?.sentAt;
    return Math.max(active.get(conversation.id) ?? 0, sentAt === undefined ? 0 : Date.parse(sentAt));
  };
  return [...conversations]
    .map((conversation) => ({ conversation, at: activity(conversation) }))
    .sort((a, b) => b.at - a.at || title(a.conversation).localeCompare(title(b.conversation)))
    .map(({ conversation }) => conversation);
}
