import type { SyncResponse } from "../../../schema/wire/conversation.ts";
import type { ConversationId } from "../../../schema/wire/conversation-id.ts";
import type { Change } from "./change.ts";
import { type ConversationState, isBehind, isLoaded, latest } from "./conversation-state.ts";
import type { State } from "./state.ts";

/** The server takes no more names in one request. */
export const MOST_NAMED = 10_000;

/** So many conversations, the most recent, are loaded before they are opened: with 20 messages each, one response. */
export const RECENT = 50;

/** The revs that a device names in a sync, conversation by conversation. */
export type Revs = ReadonlyMap<ConversationId, number>;

/** How to catch up: by syncs that name these revs, or by a page of the history for each of these conversations. */
export type Plan = { by: "sync"; revs: Revs } | { by: "history"; conversations: readonly ConversationId[] };

/**
 * Plans how to catch up.
 *
 * A sync returns every conversation that it does not name, so all are named but those whose latest is wanted: the most
 * recent that are not loaded, and those new to this device. The others that are not loaded are named with the rev
 * that the lists gave: their messages are loaded when they are opened, and no device downloads ten thousand.
 *
 * With more conversations than a sync can name, the ones left out would be returned again and again, before
 * those that changed. Then the conversations that are loaded and behind get the newest page of their history,
 * the most recent first.
 */
export function planSync({ conversations }: State): Plan {
  const filled = [...conversations.values()].filter((conversation) => named(conversation) > 0);
  if (filled.length > MOST_NAMED) {
    const behind = filled.filter((conversation) => isLoaded(conversation) && isBehind(conversation));
    return { by: "history", conversations: byRecency(behind).map(({ id }) => id) };
  }
  const recent = new Set(byRecency(filled).slice(0, RECENT));
  const revs = filled
    .filter((conversation) => isLoaded(conversation) || !recent.has(conversation))
    .map((conversation) => [conversation.id, named(conversation)] as const);
  return { by: "sync", revs: new Map(revs) };
}

/** The change that a sync's response makes to the state it was requested from. */
export function changeOf(answer: SyncResponse, asked: Revs, before: State): Change {
  const slices = answer.conversations.map((slice) => ({ ...slice, since: asked.get(slice.id) ?? null }));
  if (answer.more) return { type: "synced", slices, empty: [] };
  const returned = new Set(answer.conversations.map(({ id }) => id));
  // What was not named and is not returned has no messages.
  const empty = [...before.conversations.values()].filter(
    (conversation) => named(conversation) === 0 && !isLoaded(conversation) && !returned.has(conversation.id),
  );
  return { type: "synced", slices, empty: empty.map(({ id }) => id) };
}

/**
 * Whether to request again: there is more, and this response brought something. Otherwise a server whose responses
 * bring nothing new would be called for ever.
 */
export function asksAgain(answer: SyncResponse, asked: Revs, before: State): boolean {
  const more = answer.more || answer.conversations.some((slice) => slice.more);
  const had = (id: ConversationId) => asked.get(id) ?? before.conversations.get(id)?.timeline.cursor ?? -1;
  return more && answer.conversations.some(({ id, rev }) => rev > had(id));
}

/** The rev that a sync names for a conversation: what is loaded, else what the server is known to have. */
function named({ rev, timeline }: ConversationState): number {
  return timeline.cursor ?? rev ?? 0;
}

/** The conversations with the latest message first. */
function byRecency(conversations: readonly ConversationState[]): ConversationState[] {
  return conversations
    .map((conversation) => ({ conversation, sentAt: latest(conversation)?.sentAt ?? "" }))
    .sort((a, b) => (a.sentAt < b.sentAt ? 1 : a.sentAt > b.sentAt ? -1 : 0))
    .map(({ conversation }) => conversation);
}
