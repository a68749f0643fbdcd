import { ConversationId } from "../../../schema/wire/conversation-id.ts";
import type { Group } from "../../../schema/wire/group.ts";
import { ClientId, GroupId, UserId } from "../../../schema/wire/ids.ts";
import { Message } from "../../../schema/wire/message.ts";
import type { User } from "../../../schema/wire/user.ts";
import type { Outgoing } from "./state.ts";

/** People, conversations and messages for unit tests. */
export const ann = person("1", "Ann");
export const ben = person("2", "Ben");
export const annAndBen = ConversationId.parse("dm:1:2");
export const club = ConversationId.parse("group:7");

/** A client id that ends in a number. */
export function clientId(number: number): ClientId {
  return ClientId.parse(`00000000-0000-4000-8000-${String(number).padStart(12, "0")}`);
}

/** A message whose seq, rev and client id are alike unless said otherwise. */
export function message(seq: number, change: { rev?: number; text?: string; from?: User } = {}): Message {
  return Message.parse({
    id: String(1_000 + seq),
    conversation: annAndBen,
    seq,
    rev: change.rev ?? seq,
    senderId: (change.from ?? ben).id,
    clientId: clientId(seq),
    content: { type: "text", text: change.text ?? `text ${seq}` },
    sentAt: "2026-01-02T03:04:05.000Z",
  });
}

/** A text that is not sent yet, whose client id ends in this number. */
export function unsent(number: number, change: { text?: string; at?: number } = {}): Outgoing {
  const content = { type: "text", text: change.text ?? `text ${number}` } as const;
  const operation = { op: "send", conversation: annAndBen, clientId: clientId(number), content } as const;
  return { operation, at: change.at ?? number, state: "pending", problem: null };
}

/** A reaction to a message that is not sent yet. */
export function unsentReaction(number: number, { id }: Message): Outgoing {
  const target = { conversation: annAndBen, clientId: clientId(number), messageId: id };
  return {
    operation: { op: "react", ...target, emoji: "👍", on: true },
    ...{ at: number, state: "pending", problem: null },
  };
}

/** The group of the conversation `club`, as its owner sees it. */
export function clubGroup(): Group {
  return {
    id: GroupId.parse("7"),
    name: "Club",
    description: "",
    avatarUrl: null,
    joinPolicy: "open",
    posting: "all",
    memberCount: 2,
    onlineCount: 1,
    role: "owner",
    conversation: club,
  };
}

/** A person whose username is the display name in lower case. */
export function person(id: string, displayName: string): User {
  return { id: UserId.parse(id), username: displayName.toLowerCase(), displayName, avatarUrl: null };
}

/** A `Storage` that forgets with the test. */
export function memoryStorage(): Storage {
  const items = new Map<string, string>();
  return {
    get length() {
      return items.size;
    },
    key: (index) => [...items.keys()][index] ?? null,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
    clear: () => items.clear(),
  };
}
