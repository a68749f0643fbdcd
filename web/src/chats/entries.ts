import type { ConversationId } from "../../../schema/wire/conversation-id.ts";
import type { ClientId, UserId } from "../../../schema/wire/ids.ts";
import type { Message } from "../../../schema/wire/message.ts";
import type { Outgoing } from "../client/state.ts";
import { isSameDay } from "../parts/time.ts";
import { contentText } from "./content-text.ts";

/** The progress of a message. */
export type MessageState = Outgoing["state"] | "stored";

/** One message as it is shown. */
export type Entry = {
  /** The same before and after the message is stored, so that its place on the screen stays. */
  key: string;
  senderId: UserId;
  clientId: ClientId;
  text: string;
  /** Whether it says what its sender did, and nothing that they wrote. */
  isNotice: boolean;
  /** In ms. */
  at: number;
  state: MessageState;
  problem: string | null;
  /** Whether it is the first of its day. */
  startsDay: boolean;
  /** Whether the entry before is a notice, or of another sender or day. */
  startsRun: boolean;
};

/** A conversation's messages in order: the stored ones, then the unsent ones. */
export function entriesOf(stored: readonly Message[], unsent: readonly Outgoing[], me: UserId): Entry[] {
  const bare = [...stored.map(storedEntry), ...unsent.map((message) => unsentEntry(message, me))];
  return bare.map((entry, index) => {
    const before = bare[index - 1];
    const startsDay = before === undefined || !isSameDay(before.at, entry.at);
    const startsRun = startsDay || before?.senderId !== entry.senderId || before.isNotice;
    return { ...entry, startsDay, startsRun };
  });
}

/** One conversation's unsent messages, in the order they will be sent. */
export function unsentIn(id: ConversationId, unsent: ReadonlyMap<ClientId, Outgoing>): Outgoing[] {
  return [...unsent.values()].filter(({ conversation }) => conversation === id).sort((a, b) => a.at - b.at);
}

type BareEntry = Omit<Entry, "startsDay" | "startsRun">;

function storedEntry({ senderId, clientId, content, sentAt }: Message): BareEntry {
  const key = `${senderId}:${clientId}`;
  const text = contentText({ content, senderId });
  const isNotice = content?.type === "notice";
  return { key, senderId, clientId, text, isNotice, at: Date.parse(sentAt), state: "stored", problem: null };
}

function unsentEntry({ clientId, text, at, state, problem }: Outgoing, me: UserId): BareEntry {
  return { key: `${me}:${clientId}`, senderId: me, clientId, text, isNotice: false, at, state, problem };
}
