import type { ConversationId } from "../../../schema/wire/conversation-id.ts";
import type { ClientId, MessageId, UserId } from "../../../schema/wire/ids.ts";
import type { Content, Message } from "../../../schema/wire/message.ts";
import type { Outgoing } from "../client/state.ts";
import { isSameDay } from "../parts/time.ts";
import { contentText } from "./content-text.ts";
import { quoteFrom, quoteOf } from "./quote.ts";

/** The progress of a message. */
export type MessageState = Outgoing["state"] | "stored";

/** One message as it is shown. Every field is a plain value or one that the store keeps: equal entries have equal fields. */
export type Entry = {
  /** The same before and after the message is stored, so that its place on the screen stays. */
  key: string;
  senderId: UserId;
  content: Content | null;
  text: string;
  /** Whether it says what its sender did, and nothing that they wrote. */
  isNotice: boolean;
  /** In ms. */
  at: number;
  state: MessageState;
  /** The stored message, which can be replied to and changed; null for one that is not stored. */
  message: Message | null;
  /** What is unfinished: the message itself, or a change of it. Of several, one that failed. */
  unfinished: Outgoing | null;
  /** Who wrote the message that it replies to, and what; null when it replies to none. */
  quotedSenderId: UserId | null;
  quotedText: string | null;
  /** Whether it is the first of its day. */
  startsDay: boolean;
  /** Whether the entry before is a notice, or of another sender or day. */
  startsRun: boolean;
};

/**
 * A conversation's messages in order: the stored ones, then the unsent ones. `held` are all that the device holds of it:
 * what a reply quotes can be older than what is shown.
 */
export function entriesOf(
  stored: readonly Message[],
  unsent: readonly Outgoing[],
  me: UserId,
  held: readonly Message[] = stored,
): Entry[] {
  const byId = new Map(held.map((message) => [message.id, message]));
  const changes = changesOf(unsent);
  const bare = [
    ...stored.map((message) => storedEntry(message, byId, changes.get(message.id) ?? null)),
    ...unsent.flatMap((outgoing) => unsentEntry(outgoing, me, byId)),
  ];
  return bare.map((entry, index) => {
    const before = bare[index - 1];
    const startsDay = before === undefined || !isSameDay(before.at, entry.at);
    const startsRun = startsDay || before?.senderId !== entry.senderId || before.isNotice;
    return { ...entry, startsDay, startsRun };
  });
}

/** One conversation's unfinished operations, in the order they will be sent. */
export function unsentIn(id: ConversationId, unsent: ReadonlyMap<ClientId, Outgoing>): Outgoing[] {
  return [...unsent.values()]
    .filter(({ operation }) => operation.conversation === id)
    .sort((a, b) => a.at - b.at);
}

type BareEntry = Omit<Entry, "startsDay" | "startsRun">;
type ById = ReadonlyMap<MessageId, Message>;

/** By message, its unfinished change. */
function changesOf(unsent: readonly Outgoing[]): Map<MessageId, Outgoing> {
  const changes = new Map<MessageId, Outgoing>();
  for (const outgoing of unsent) {
    if (outgoing.operation.op === "send") continue;
    const { messageId } = outgoing.operation;
    if (changes.get(messageId)?.state !== "failed") changes.set(messageId, outgoing);
  }
  return changes;
}

function storedEntry(message: Message, byId: ById, change: Outgoing | null): BareEntry {
  const { senderId, clientId, content, sentAt, replyTo } = message;
  return {
    key: `${senderId}:${clientId}`,
    senderId,
    content,
    text: contentText(message),
    isNotice: content?.type === "notice",
    at: Date.parse(sentAt),
    state: "stored",
    message,
    unfinished: change,
    ...(replyTo === undefined ? NO_QUOTE : quoteOf(replyTo, byId.get(replyTo.id))),
  };
}

function unsentEntry(outgoing: Outgoing, me: UserId, byId: ById): BareEntry[] {
  const { operation, at, state } = outgoing;
  // Changes are shown at their messages. A message without a content of its own, a forward, is not made here.
  if (operation.op !== "send" || operation.content === undefined) return [];
  const { clientId, content, replyTo } = operation;
  const original = replyTo === undefined ? undefined : byId.get(replyTo);
  return [
    {
      key: `${me}:${clientId}`,
      senderId: me,
      content,
      text: contentText({ content, senderId: me }),
      isNotice: false,
      at,
      state,
      message: null,
      unfinished: outgoing,
      ...(original === undefined ? NO_QUOTE : quoteFrom(original)),
    },
  ];
}

const NO_QUOTE = { quotedSenderId: null, quotedText: null };
