import { isDeepStrictEqual } from "node:util";
import type { ConversationId } from "../../../schema/wire/conversation-id.ts";
import type { UserId } from "../../../schema/wire/ids.ts";
import type { Message } from "../../../schema/wire/message.ts";
import type { Copy, Performed, RunHistory, SocketHistory } from "./history.ts";

/** A promise that was not kept. */
export type Violation = {
  kind:
    | "lost"
    | "doubled"
    | "stored though refused"
    | "from nowhere"
    | "gap"
    | "reordered"
    | "not applied"
    | "differs"
    | "leaked";
  what: string;
};

/**
 * Compares what everybody saw with what is promised: every accepted operation is applied exactly once; all have one order, in
 * which each author's own is kept; `seq`, `rev` and `id` are sound; every device has all of it in the end; nothing that was
 * refused is stored; and nobody hears of a group that they are not in. Nothing is known of operations without a response.
 */
export function check(history: RunHistory): Violation[] {
  const first = new Map<ConversationId, Copy>();
  for (const reading of history.readings) {
    if (!first.has(reading.conversation)) first.set(reading.conversation, reading);
  }
  const kept = [...first.values()];
  return [
    ...kept.flatMap(soundness),
    ...stored(history.performed, kept),
    ...authorsOrder(history.performed, kept),
    ...changes(history.performed, kept),
    ...agreement([...history.readings, ...history.devices], first),
    ...socketOrder(history.sockets, first),
    ...history.sockets.flatMap(leaks),
  ];
}

/** Whether seqs count from 1, ids grow with them, and no rev is there twice. */
function soundness({ conversation, messages }: Copy): Violation[] {
  const found: Violation[] = [];
  const revs = new Set<number>();
  for (const [index, { seq, id, rev }] of messages.entries()) {
    const before = messages[index - 1];
    if (seq !== index + 1)
      return [...found, { kind: "gap", what: `${conversation}: seq ${seq} is at ${index + 1}` }];
    if (before !== undefined && BigInt(before.id) >= BigInt(id)) {
      found.push({
        kind: "reordered",
        what: `${conversation}: the id of seq ${seq} is not above the one before`,
      });
    }
    if (revs.has(rev)) found.push({ kind: "doubled", what: `${conversation}: rev ${rev} is there twice` });
    revs.add(rev);
  }
  return found;
}

const keyOf = (userId: UserId, clientId: string) => `${userId} ${clientId}`;

/** Whether every accepted message is stored once, and nothing else is. */
function stored(performed: readonly Performed[], kept: readonly Copy[]): Violation[] {
  const places = new Map<string, string[]>();
  for (const { conversation, messages } of kept) {
    for (const { senderId, clientId, seq, content } of messages) {
      if (content?.type === "notice") continue;
      const key = keyOf(senderId, clientId);
      places.set(key, [...(places.get(key) ?? []), `${conversation} seq ${seq}`]);
    }
  }
  const readable = new Set(kept.map(({ conversation }) => conversation));
  const found: Violation[] = [];
  for (const { author, userId, operation, outcome } of performed) {
    if (operation.op !== "send" || !readable.has(operation.conversation)) continue;
    const key = keyOf(userId, operation.clientId);
    const at = places.get(key) ?? [];
    places.delete(key);
    const what = `${author}: ${named(operation)}, found at [${at.join(", ")}]`;
    if (outcome === "accepted" && at.length === 0) found.push({ kind: "lost", what });
    if (at.length > 1) found.push({ kind: "doubled", what });
    if (outcome === "refused" && at.length > 0) found.push({ kind: "stored though refused", what });
  }
  for (const [key, at] of places)
    found.push({ kind: "from nowhere", what: `${key}, found at [${at.join(", ")}]` });
  return found;
}

/** Whether each author's messages of a conversation are in the order in which they were sent. */
function authorsOrder(performed: readonly Performed[], kept: readonly Copy[]): Violation[] {
  const seqs = new Map(
    kept.flatMap(({ messages }) =>
      messages.map((one) => [keyOf(one.senderId, one.clientId), one.seq] as const),
    ),
  );
  const newest = new Map<string, number>();
  const found: Violation[] = [];
  for (const { author, userId, operation, outcome } of performed) {
    if (operation.op !== "send" || outcome !== "accepted") continue;
    const seq = seqs.get(keyOf(userId, operation.clientId));
    if (seq === undefined) continue;
    const place = `${author} in ${operation.conversation}`;
    const before = newest.get(place) ?? 0;
    if (seq < before)
      found.push({ kind: "reordered", what: `${place}: seq ${seq} was sent after ${before}` });
    newest.set(place, Math.max(before, seq));
  }
  return found;
}

/** Whether each message has the content and the reactions that the accepted operations give it. */
function changes(performed: readonly Performed[], kept: readonly Copy[]): Violation[] {
  const expected = new Map<
    string,
    { text?: string; recalled: boolean; uncertain: boolean; reacted: [UserId, string][] }
  >();
  const of = (messageId: string) => {
    const known = expected.get(messageId) ?? { recalled: false, uncertain: false, reacted: [] };
    expected.set(messageId, known);
    return known;
  };
  for (const { userId, operation, outcome } of performed) {
    if (operation.op !== "edit" && operation.op !== "recall" && operation.op !== "react") continue;
    const message = of(operation.messageId);
    if (outcome === "refused") continue;
    if (outcome === "open") message.uncertain = true;
    else if (operation.op === "edit") message.text = operation.content.text;
    else if (operation.op === "recall") message.recalled = true;
    else if (operation.on) message.reacted.push([userId, operation.emoji]);
  }
  const found: Violation[] = [];
  for (const { conversation, messages } of kept) {
    for (const message of messages) {
      const wanted = expected.get(message.id);
      if (wanted === undefined || wanted.uncertain) continue;
      const fault = difference(message, wanted);
      if (fault !== null)
        found.push({ kind: "not applied", what: `${conversation} seq ${message.seq}: ${fault}` });
    }
  }
  return found;
}

function difference(
  { content, reactions = [] }: Message,
  wanted: { text?: string; recalled: boolean; reacted: [UserId, string][] },
): string | null {
  if (wanted.recalled) return content === null ? null : "it is not recalled";
  if (wanted.text !== undefined && !(content?.type === "text" && content.text === wanted.text)) {
    return `its text is not that of the last edit, ${JSON.stringify(wanted.text)}`;
  }
  const missing = wanted.reacted.find(
    ([userId, emoji]) => !reactions.some((one) => one.emoji === emoji && one.userIds.includes(userId)),
  );
  return missing === undefined ? null : `the reaction ${missing[1]} of ${missing[0]} is missing`;
}

/** Whether all copies of a conversation are the same. */
function agreement(copies: readonly Copy[], first: ReadonlyMap<ConversationId, Copy>): Violation[] {
  const found: Violation[] = [];
  for (const { owner, conversation, messages } of copies) {
    const reference = first.get(conversation)?.messages ?? [];
    const bySeq = new Map(messages.map((message) => [message.seq, message]));
    const missing = reference.filter(({ seq }) => !bySeq.has(seq)).map(({ seq }) => seq);
    const other = reference.filter(
      (one) => bySeq.has(one.seq) && !isDeepStrictEqual(bySeq.get(one.seq), one),
    );
    const surplus = messages.length - (reference.length - missing.length);
    const place = `${owner} in ${conversation}`;
    if (missing.length > 0) {
      found.push({
        kind: "lost",
        what: `${place}: does not have seqs ${abridged(missing)} of ${reference.length}`,
      });
    }
    if (other.length > 0) {
      found.push({
        kind: "differs",
        what: `${place}: has others at seqs ${abridged(other.map(({ seq }) => seq))}`,
      });
    }
    if (surplus > 0) found.push({ kind: "from nowhere", what: `${place}: has ${surplus} messages too many` });
  }
  return found;
}

/**
 * Whether each socket got the changes of each conversation in the order of their revs. What is older than the socket, or than
 * its person's joining, may come at any time: an operation that is in the log twice has its effects again.
 */
function socketOrder(
  sockets: readonly SocketHistory[],
  first: ReadonlyMap<ConversationId, Copy>,
): Violation[] {
  const firstHeard = new Map<string, number>();
  for (const { heard } of sockets) {
    for (const event of heard) {
      if (event.kind !== "message") continue;
      const key = `${event.conversation} ${event.rev}`;
      firstHeard.set(key, Math.min(event.at, firstHeard.get(key) ?? event.at));
    }
  }
  const found: Violation[] = [];
  for (const { device, userId, openedAt, heard } of sockets) {
    for (const [conversation, events] of Map.groupBy(heard, (event) => event.conversation)) {
      const joined = joinedAt(first.get(conversation)?.messages ?? [], userId);
      const known = new Set<number>();
      let begin = Number.POSITIVE_INFINITY;
      let newest = 0;
      for (const event of events) {
        if (event.kind !== "message") continue;
        const { rev } = event;
        const isOld =
          rev < begin ||
          joined.some((join) => rev < join && join <= newest) ||
          (firstHeard.get(`${conversation} ${rev}`) ?? 0) < openedAt;
        if (rev < newest && !known.has(rev) && !isOld) {
          found.push({
            kind: "reordered",
            what: `${device} in ${conversation}: rev ${rev} came after ${newest}`,
          });
        }
        known.add(rev);
        begin = Math.min(begin, rev);
        newest = Math.max(newest, rev);
      }
    }
  }
  return found;
}

/** The revs at which somebody has come into a group: those of notices, which never change. */
function joinedAt(messages: readonly Message[], userId: UserId): number[] {
  return messages.flatMap(({ content, rev }) =>
    content?.type === "notice" && content.notice.kind === "joined" && content.notice.userIds.includes(userId)
      ? [rev]
      : [],
  );
}

/** Whether a socket got changes of a group after it was told that its person has left. */
function leaks({ device, heard }: SocketHistory): Violation[] {
  const found: Violation[] = [];
  for (const [conversation, events] of Map.groupBy(heard, (event) => event.conversation)) {
    let isOut = false;
    const revs: number[] = [];
    for (const event of events) {
      if (event.kind !== "message") isOut = event.kind === "left";
      else if (isOut) revs.push(event.rev);
    }
    if (revs.length > 0) {
      found.push({
        kind: "leaked",
        what: `${device} got revs ${abridged(revs)} of ${conversation} after it had left`,
      });
    }
  }
  return found;
}

function named({ op, conversation, clientId }: Performed["operation"]): string {
  return `${op} ${clientId} in ${conversation}`;
}

function abridged(numbers: readonly number[]): string {
  return numbers.length <= 10
    ? numbers.join(", ")
    : `${numbers.slice(0, 10).join(", ")} and ${numbers.length - 10} more`;
}
