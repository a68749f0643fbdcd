import type { MessageId } from "../../../schema/wire/ids.ts";
import type { Message } from "../../../schema/wire/message.ts";

/** The messages of one conversation that a device holds, and from where to where they are whole. */
export type Timeline = {
  /** In rising seq, each id once, at the highest rev seen. */
  readonly messages: readonly Message[];
  /**
   * The rev up to which no change of the messages held is missing; null before they are loaded. The next sync
   * names it, so it must never pass a change that this device has not seen.
   */
  readonly cursor: number | null;
  /** Revs seen beyond the cursor: while there are any, something between is missing. */
  readonly ahead: ReadonlySet<number>;
  /**
   * The seq from which the messages are whole; null before they are loaded. A change of an older message may be
   * held as well; it has a hole behind it and is not shown until the history around it is loaded.
   */
  readonly from: number | null;
  /** There is nothing older on the server. */
  readonly complete: boolean;
  /** The messages that this person has hidden. A later change of one still arrives; it is not shown. */
  readonly hidden: ReadonlySet<MessageId>;
};

/** One conversation of a sync's response. */
export type Slice = { lastSeq: number; rev: number; messages: readonly Message[]; more: boolean };

export const emptyTimeline: Timeline = {
  messages: [],
  cursor: null,
  ahead: new Set(),
  from: null,
  complete: false,
  hidden: new Set(),
};

/** Adds a message of the socket: the next one, a repeat, or one after a gap. */
export function addPushed(timeline: Timeline, message: Message): Timeline {
  const messages = merge(timeline.messages, [message]);
  if (timeline.cursor !== null && message.rev <= timeline.cursor) return { ...timeline, messages };
  const ahead = new Set(timeline.ahead).add(message.rev);
  return { ...timeline, messages, ...settle(timeline.cursor, ahead) };
}

/**
 * Adds what a sync returned; `since` is the rev named in its request, null for "the latest". Messages since a rev
 * do not load a timeline: the ones before are still missing.
 */
export function addSynced(timeline: Timeline, slice: Slice, since: number | null): Timeline {
  if (since !== null && timeline.cursor === null) {
    return { ...timeline, messages: merge(timeline.messages, slice.messages) };
  }
  const cursor = Math.max(timeline.cursor ?? 0, slice.rev);
  const from = since === null ? wholeFrom(timeline, slice) : timeline.from;
  return {
    ...timeline,
    messages: merge(timeline.messages, slice.messages),
    ...settle(cursor, timeline.ahead),
    from,
    complete: from !== null && (from <= 1 || (timeline.complete && from === timeline.from)),
  };
}

/**
 * Adds the newest page of the history; `rev` is the highest rev seen before it was requested. The page contains
 * every change up to that rev. What is held of older messages may lack some and is dropped.
 */
export function addNewest(
  timeline: Timeline,
  page: readonly Message[],
  rev: number,
  complete: boolean,
): Timeline {
  const from = complete ? 1 : (page[0]?.seq ?? 1);
  const reached = Math.max(timeline.cursor ?? 0, rev, ...page.map((message) => message.rev));
  return {
    ...timeline,
    messages: merge(
      timeline.messages.filter(({ seq }) => seq >= from),
      page,
    ),
    ...settle(reached, timeline.ahead),
    from,
    complete: from <= 1,
  };
}

/** Marks as empty a conversation that a sync neither named nor returned. */
export function addNothing(timeline: Timeline): Timeline {
  if (timeline.cursor !== null) return timeline;
  return { ...timeline, ...settle(0, timeline.ahead), from: 1, complete: true };
}

/** Adds the page of the history right before `from`; `complete` when it was the last. */
export function addOlder(timeline: Timeline, older: readonly Message[], complete: boolean): Timeline {
  const from = Math.min(timeline.from ?? Number.POSITIVE_INFINITY, ...older.map(({ seq }) => seq));
  return {
    ...timeline,
    messages: merge(timeline.messages, older),
    from: Number.isFinite(from) ? from : timeline.from,
    complete: complete || from <= 1,
  };
}

/** Hides messages, held or not. */
export function addHidden(timeline: Timeline, messageIds: readonly MessageId[]): Timeline {
  if (messageIds.every((id) => timeline.hidden.has(id))) return timeline;
  return { ...timeline, hidden: new Set([...timeline.hidden, ...messageIds]) };
}

/** The messages without a hole that are not hidden, in rising seq. */
export function shown(timeline: Timeline): readonly Message[] {
  const { messages, from, hidden } = timeline;
  const whole = from === null || (messages[0]?.seq ?? from) >= from;
  if (whole && hidden.size === 0) return messages;
  return messages.filter(({ seq, id }) => (whole || seq >= (from ?? 0)) && !hidden.has(id));
}

/** Moves the cursor over the revs that follow it directly. */
function settle(cursor: number | null, seen: ReadonlySet<number>): Pick<Timeline, "cursor" | "ahead"> {
  if (cursor === null || seen.size === 0) return { cursor, ahead: seen };
  const ahead = new Set([...seen].filter((rev) => rev > cursor));
  let reached = cursor;
  while (ahead.delete(reached + 1)) reached += 1;
  return { cursor: reached, ahead };
}

/** Where the whole part begins once the newest messages are added: it joins what is held, or starts anew. */
function wholeFrom(timeline: Timeline, slice: Slice): number {
  const first = slice.messages[0]?.seq ?? slice.lastSeq + 1;
  const last = timeline.messages.at(-1)?.seq ?? 0;
  const joins = timeline.from !== null && timeline.ahead.size === 0 && first <= last + 1;
  return joins ? Math.min(timeline.from ?? first, first) : first;
}

/** Merges by id: of two versions of a message the one with the higher rev stays. */
function merge(held: readonly Message[], arrived: readonly Message[]): readonly Message[] {
  const bySeq = new Map<number, Message>();
  for (const message of arrived) {
    const twin = bySeq.get(message.seq);
    if (twin === undefined || twin.rev < message.rev) bySeq.set(message.seq, message);
  }
  const kept = held.map((message) => {
    const newer = bySeq.get(message.seq);
    bySeq.delete(message.seq);
    return newer !== undefined && newer.rev > message.rev ? newer : message;
  });
  const fresh = [...bySeq.values()].sort((a, b) => a.seq - b.seq);
  const [first] = fresh;
  if (first === undefined) return kept;
  if ((kept.at(-1)?.seq ?? 0) < first.seq) return [...kept, ...fresh];
  return [...kept, ...fresh].sort((a, b) => a.seq - b.seq);
}
