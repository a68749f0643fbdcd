import type { Conversation } from "../../../schema/wire/conversation.ts";
import type { ConversationId } from "../../../schema/wire/conversation-id.ts";
import type { Group } from "../../../schema/wire/group.ts";
import type { Message } from "../../../schema/wire/message.ts";
import type { User } from "../../../schema/wire/user.ts";
import type { SyncedSlice } from "./change.ts";
import { addHidden, addSynced, emptyTimeline, shown, type Timeline } from "./timeline.ts";

/** A conversation as this device knows it. */
export type ConversationState = {
  readonly id: ConversationId;
  /** The other person or the group; both null until a list or an event names them. */
  readonly peer: User | null;
  readonly group: Group | null;
  /** Grows when the group's members may have changed, so that a list of them is fetched again. */
  readonly memberChanges: number;
  readonly lastSeq: number;
  /** The highest rev seen, from a list, a sync or the socket; null for a conversation that only an event named. */
  readonly rev: number | null;
  readonly readSeq: number;
  /** How many of the messages after `readSeq` are notices, which do not count as unread. */
  readonly unreadNotices: number;
  /** The newest message according to the list of conversations. */
  readonly listed: Message | null;
  readonly timeline: Timeline;
};

/** A conversation of which only the id is known. */
export function newConversation(id: ConversationId): ConversationState {
  return {
    id,
    peer: null,
    group: null,
    memberChanges: 0,
    lastSeq: 0,
    rev: null,
    readSeq: 0,
    unreadNotices: 0,
    listed: null,
    timeline: emptyTimeline,
  };
}

/** Takes over an item of the server's list; seqs and revs never go back. */
export function withListing(held: ConversationState, listing: Conversation): ConversationState {
  const group = listing.group ?? held.group;
  const isNewer = listing.lastSeq >= held.lastSeq && listing.readSeq >= held.readSeq;
  return {
    ...held,
    peer: listing.peer ?? held.peer,
    group,
    memberChanges: held.memberChanges + Number(group?.memberCount !== held.group?.memberCount),
    lastSeq: Math.max(held.lastSeq, listing.lastSeq),
    rev: Math.max(held.rev ?? 0, listing.rev),
    readSeq: Math.max(held.readSeq, listing.readSeq),
    unreadNotices: isNewer ? listing.lastSeq - listing.readSeq - listing.unread : held.unreadNotices,
    listed: listing.lastMessage,
  };
}

/** Takes over a conversation as an event shows it: a message that it does not know yet may have overtaken it. */
export function withUpdate(held: ConversationState, update: Conversation): ConversationState {
  const next = withListing(held, update);
  return (held.listed?.seq ?? 0) > (next.listed?.seq ?? 0) ? { ...next, listed: held.listed } : next;
}

/**
 * Takes over a group as an event shows it. Such an event is sent when its members change, among others. The online count
 * that is held stays: only `group.online` changes it, which may have overtaken this event.
 */
export function withGroup(held: ConversationState, group: Group): ConversationState {
  const onlineCount = held.group?.onlineCount ?? group.onlineCount;
  return { ...held, group: { ...group, onlineCount }, memberChanges: held.memberChanges + 1 };
}

/** Counts a message that arrived on the socket. */
export function withMessage(held: ConversationState, message: Message, mine: boolean): ConversationState {
  const counted = {
    ...held,
    lastSeq: Math.max(held.lastSeq, message.seq),
    rev: Math.max(held.rev ?? 0, message.rev),
    unreadNotices: held.unreadNotices + newNotices(held, [message]),
  };
  // Who writes has read all before; a notice was not written.
  return mine && !isNotice(message) ? withRead(counted, message.seq) : counted;
}

/** Takes over a conversation of a sync's response; seqs and revs never go back. */
export function withSynced(held: ConversationState, slice: SyncedSlice): ConversationState {
  const counted = {
    ...held,
    lastSeq: Math.max(held.lastSeq, slice.lastSeq),
    rev: Math.max(held.rev ?? 0, slice.rev),
    unreadNotices: held.unreadNotices + newNotices(held, slice.messages),
    timeline: addHidden(addSynced(held.timeline, slice, slice.since), slice.hidden ?? []),
  };
  return withRead(counted, slice.readSeq);
}

/** Moves this person's read mark; never back. */
export function withRead(held: ConversationState, seq: number): ConversationState {
  if (seq <= held.readSeq) return held;
  return {
    ...held,
    readSeq: seq,
    unreadNotices: Math.min(held.unreadNotices, Math.max(0, held.lastSeq - seq)),
  };
}

/** Whether this device holds its newest messages and keeps them up to date. Others are loaded when opened. */
export function isLoaded({ timeline }: ConversationState): boolean {
  return timeline.cursor !== null;
}

/** Whether messages are missing that a sync brings: of what is loaded, or of a conversation new to this device. */
export function isBehind({ rev, timeline }: ConversationState): boolean {
  return timeline.cursor === null ? rev === null : (rev ?? 0) > timeline.cursor;
}

/** Whether its peer or group is unknown; only the lists have it. */
export function isNameless(conversation: ConversationState): boolean {
  return conversation.peer === null && conversation.group === null;
}

/** How many messages are unread: all after `readSeq` that are no notices. They are others', as who writes has read all before. */
export function unread(conversation: ConversationState): number {
  const { lastSeq, readSeq, unreadNotices } = conversation;
  return Math.max(0, lastSeq - readSeq - unreadNotices);
}

/** The newest message, or null in an empty conversation. */
export function latest(conversation: ConversationState): Message | null {
  const held = shown(conversation.timeline).at(-1) ?? null;
  const { hidden } = conversation.timeline;
  const listed =
    conversation.listed !== null && hidden.has(conversation.listed.id) ? null : conversation.listed;
  if (held === null || listed === null) return held ?? listed;
  return held.seq >= listed.seq ? held : listed;
}

/** What the conversation is called. */
export function title(conversation: ConversationState): string {
  return conversation.group?.name ?? conversation.peer?.displayName ?? "…";
}

/** How many notices there are among messages that come after all that is held. */
function newNotices({ lastSeq }: ConversationState, messages: readonly Message[]): number {
  return messages.filter((message) => message.seq > lastSeq && isNotice(message)).length;
}

function isNotice({ content }: Message): boolean {
  return content?.type === "notice";
}
