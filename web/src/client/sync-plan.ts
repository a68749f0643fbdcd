import type { SyncAnswer } from "../../../schema/wire/conversation.ts";
import type { ConversationId } from "../../../schema/wire/conversation-id.ts";
import type { Change } from "./change.ts";
import type { ConversationState } from "./conversation-state.ts";
import type { State } from "./state.ts";

/** The server takes no more names in one request. */
const MOST_NAMED = 1_000;

/** The revs that a device has, conversation by conversation: what a sync is asked with. */
export type Revs = ReadonlyMap<ConversationId, number>;

/** What to ask with: conversations that were never synced are not named, so that their latest comes. */
export function revsOf(conversations: ReadonlyMap<ConversationId, ConversationState>): Revs {
  const revs = [...conversations.values()].flatMap(({ id, timeline }) =>
    timeline.cursor === null ? [] : [[id, timeline.cursor] as const],
  );
  return new Map(revs.slice(-MOST_NAMED));
}

/** The changes that an answer makes to the state it was asked from. */
export function changesOf(answer: SyncAnswer, asked: Revs, before: State): Change[] {
  const synced = answer.conversations.map(
    (slice): Change => ({ type: "synced", slice, since: asked.get(slice.id) ?? null }),
  );
  if (answer.more) return synced;
  const told = new Set(answer.conversations.map(({ id }) => id));
  const silent = [...before.conversations.keys()].filter((id) => !asked.has(id) && !told.has(id));
  return [...synced, ...silent.map((conversation): Change => ({ type: "nothing-to-sync", conversation }))];
}

/**
 * Whether to ask again: there is more, and this answer brought something. A server whose answers stopped
 * bringing anything new would otherwise be asked for ever.
 */
export function asksAgain(answer: SyncAnswer, before: State): boolean {
  const more = answer.more || answer.conversations.some((slice) => slice.more);
  return more && answer.conversations.some(({ id, rev }) => rev > cursorOf(before, id));
}

function cursorOf(state: State, id: ConversationId): number {
  return state.conversations.get(id)?.timeline.cursor ?? -1;
}
