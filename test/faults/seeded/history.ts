import type { ConversationId } from "../../../schema/wire/conversation-id.ts";
import type { UserId } from "../../../schema/wire/ids.ts";
import type { Message } from "../../../schema/wire/message.ts";
import type { Operation } from "../../../schema/wire/operation.ts";

/** An operation as its author saw it. Those of one author are in the order in which they were performed. */
export type Performed = {
  /** The device, or the place from which requests are made one after the other. */
  author: string;
  userId: UserId;
  operation: Operation;
  outcome: "accepted" | "refused" | "open";
};

/** What one socket got, in the order of receipt: changes of messages, and news of coming into and leaving a group. */
export type Heard = {
  conversation: ConversationId;
  /** milliseconds since the epoch */
  at: number;
} & ({ kind: "message"; rev: number } | { kind: "joined" } | { kind: "left" });

/** The events of one socket. */
export type SocketHistory = {
  device: string;
  userId: UserId;
  /** milliseconds since the epoch */
  openedAt: number;
  heard: Heard[];
};

/** The messages of a conversation as somebody has them in the end: read from history, or what their device holds. */
export type Copy = {
  owner: string;
  conversation: ConversationId;
  /** by seq */
  messages: Message[];
};

/** What everybody saw of a run, from outside. */
export type RunHistory = {
  performed: Performed[];
  sockets: SocketHistory[];
  /** What each person who is in the conversation in the end reads from history. */
  readings: Copy[];
  /** What their devices hold. */
  devices: Copy[];
};
