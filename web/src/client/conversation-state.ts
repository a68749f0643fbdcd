import type { Conversation } from "../../../schema/wire/conversation.ts";
import type { ConversationId } from "../../../schema/wire/conversation-id.ts";
import type { Group } from "../../../schema/wire/group.ts";
import type { Message } from "../../../schema/wire/message.ts";
import type { User } from "../../../schema/wire/user.ts";
import { emptyTimeline, shown, type Timeline } from "./timeline.ts";

/** A conversation as this device knows it. */
export type ConversationState = {
  readonly id: ConversationId;
  /** Whom or what it is with; both null until the server has told. */
  readonly peer: User | null;
  readonly group: Group | null;
  readonly lastSeq: number;
  readonly readSeq: number;
  /** The newest message as the list of conversations told it, for as long as no newer one is held. */
  readonly listed: Message | null;
  readonly timeline: Timeline;
};

/** A conversation of which only the id is known. */
export function newConversation(id: ConversationId): ConversationState {
  return { id, peer: null, group: null, lastSeq: 0, readSeq: 0, listed: null, timeline: emptyTimeline };
}

/** Takes over what the server's list says; seqs never go back. */
export function withListing(held: ConversationState, listing: Conversation): ConversationState {
  return {
    ...held,
    peer: listing.peer ?? held.peer,
    group: listing.group ?? held.group,
    lastSeq: Math.max(held.lastSeq, listing.lastSeq),
    readSeq: Math.max(held.readSeq, listing.readSeq),
    listed: listing.lastMessage,
  };
}

/** Notes a message of the conversation that arrived on the socket. */
export function withMessage(held: ConversationState, message: Message, mine: boolean): ConversationState {
  return {
    ...held,
    lastSeq: Math.max(held.lastSeq, message.seq),
    // Writing reads.
    readSeq: mine ? Math.max(held.readSeq, message.seq) : held.readSeq,
  };
}

/** Notes how far this person has read; never goes back. */
export function withRead(held: ConversationState, seq: number): ConversationState {
  return seq > held.readSeq ? { ...held, readSeq: seq } : held;
}

/** Whether its name is still to be asked for. */
export function isNameless(conversation: ConversationState): boolean {
  return conversation.peer === null && conversation.group === null;
}

/** What others wrote and this person has not read; one's own writing reads, so all after `readSeq` is others'. */
export function unread(conversation: ConversationState): number {
  return Math.max(0, conversation.lastSeq - conversation.readSeq);
}

/** The newest message, or null in an empty conversation. */
export function latest(conversation: ConversationState): Message | null {
  const held = shown(conversation.timeline).at(-1) ?? null;
  const { listed } = conversation;
  if (held === null || listed === null) return held ?? listed;
  return held.seq >= listed.seq ? held : listed;
}

/** What the conversation is called. */
export function title(conversation: ConversationState): string {
  return conversation.group?.name ?? conversation.peer?.displayName ?? "…";
}
