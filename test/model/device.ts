import type { Conversation, SyncResponse } from "../../schema/wire/conversation.ts";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import { groupConversation } from "../../schema/wire/conversation-id.ts";
import type { ClientId, MessageId } from "../../schema/wire/ids.ts";
import type { Message } from "../../schema/wire/message.ts";
import type { Operation } from "../../schema/wire/operation.ts";
import { OperationResults } from "../../schema/wire/operation.ts";
import type { ProblemCode } from "../../schema/wire/problem.ts";
import type { ServerEvent } from "../../schema/wire/socket.ts";
import type { Client } from "../harness/client.ts";
import type { Socket } from "../harness/socket.ts";
import { type Settings, withExcerpt } from "./conversation-model.ts";
import { eventually } from "./eventually.ts";

/** How an operation goes to the server. */
export type Road = "socket" | "http";

/** What a device has of one conversation. */
type Held = {
  /** by seq */
  messages: Map<number, Message>;
  /** what its person has hidden: later changes of these are ignored */
  hidden: Set<MessageId>;
  /** the rev up to which nothing is missing */
  rev: number;
  /** revs that have come before those between */
  ahead: Set<number>;
  readSeq: number;
  settings: Settings;
};

/**
 * A client that follows docs/protocol.md: it keeps messages by conversation and rev, syncs after each `ready`, when it joins
 * a group, and when a rev skips ahead. It may be away, and resumes with the revs it has.
 */
export class Device {
  readonly client: Client;
  /** How often a rev has skipped ahead while it was connected. */
  gaps = 0;
  #socket: Socket | null = null;
  readonly #held = new Map<ConversationId, Held>();
  /** What was said on the socket of each operation: it was accepted, or refused with a code. */
  readonly #responses = new Map<string, "accepted" | ProblemCode>();
  /** Events that came while the list was fetched; null when none is being fetched. */
  #meanwhile: ServerEvent[] | null = null;
  /** The syncs, one after the other. */
  #syncs: Promise<void> = Promise.resolve();
  /** Counts what was forgotten: a response that was asked for before may hold it still. */
  #forgotten = 0;
  /** How many syncs, or lists and then syncs, are under way. */
  #catchingUp = 0;
  #fault: unknown = null;

  constructor(client: Client) {
    this.client = client;
  }

  get isConnected(): boolean {
    return this.#socket !== null;
  }

  /** Opens the socket, and resumes. */
  async connect(): Promise<void> {
    const socket = await this.client.connect();
    this.#socket = socket;
    this.#meanwhile = socket.events.filter(({ ev }) => ev !== "ready");
    socket.onEvent = (event) => this.#hear(event);
    await this.resume();
  }

  async disconnect(): Promise<void> {
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onEvent = () => {};
    await socket.close();
  }

  /** Learns which conversations there are, and then what has changed in them. */
  async resume(): Promise<void> {
    this.#meanwhile ??= [];
    this.#catchingUp += 1;
    try {
      await this.#list();
      await this.sync();
    } finally {
      this.#catchingUp -= 1;
    }
  }

  /** Syncs until nothing is missing. */
  async sync(): Promise<void> {
    this.#catchingUp += 1;
    this.#syncs = this.#syncs.then(() => this.#catchUp());
    try {
      await this.#syncs;
    } finally {
      this.#catchingUp -= 1;
    }
  }

  /** Performs operations, in this order; returns for each the code of the refusal, or null. Without a socket they go over HTTP. */
  async perform(operations: readonly Operation[], road: Road): Promise<(ProblemCode | null)[]> {
    const socket = this.#socket;
    if (socket === null || road === "http") {
      const body = await this.client.do("POST", "/operations", { operations });
      return OperationResults.parse(body).results.map(({ problem }) => problem?.code ?? null);
    }
    for (const { clientId } of operations) this.#responses.delete(clientId);
    for (const operation of operations) socket.sendFrame(operation);
    return Promise.all(operations.map(({ clientId }) => this.#responseTo(clientId)));
  }

  /** Sends a frame and loses the socket before there can be a response. */
  async sendAndLose(frame: Operation): Promise<void> {
    this.#socket?.sendFrame(frame);
    await this.disconnect();
  }

  /** Sends a read mark on the socket, or else over HTTP. */
  async read(conversation: ConversationId, seq: number, road: Road): Promise<void> {
    if (this.#socket !== null && road === "socket") this.#socket.sendFrame({ op: "read", conversation, seq });
    else await this.client.do("PUT", `/conversations/${conversation}/read`, { seq });
  }

  /** The conversations that it shows. */
  get conversations(): ConversationId[] {
    return [...this.#held.keys()];
  }

  /** Waits until it knows that its person has read this far. */
  hasRead(conversation: ConversationId, seq: number): Promise<true> {
    return eventually(`the read mark ${seq} of ${conversation} on a connected device`, () =>
      this.#conversation(conversation).readSeq >= seq ? true : null,
    );
  }

  /** The messages of a conversation as it shows them, in the order of their seqs. */
  messages(conversation: ConversationId): Message[] {
    if (this.#fault !== null) throw this.#fault;
    const { messages } = this.#conversation(conversation);
    return [...messages.values()]
      .sort((a, b) => a.seq - b.seq)
      .map((message) => {
        const original = message.replyTo && messages.get(message.replyTo.seq);
        return original === undefined ? message : withExcerpt(message, original);
      });
  }

  /** How many messages it shows as unread, counted from what it has. */
  unread(conversation: ConversationId): number {
    const { messages, readSeq } = this.#conversation(conversation);
    return [...messages.values()].filter(
      ({ seq, senderId, content }) =>
        seq > readSeq && senderId !== this.client.user.id && content?.type !== "notice",
    ).length;
  }

  settings(conversation: ConversationId): Settings {
    return this.#conversation(conversation).settings;
  }

  async #list(): Promise<void> {
    const listed = await this.client.conversations();
    const ids = new Set(listed.map(({ id }) => id));
    for (const id of this.#held.keys()) if (!ids.has(id)) this.#forget(id);
    for (const conversation of listed) {
      const held = this.#conversation(conversation.id);
      held.readSeq = conversation.readSeq;
      held.settings = settingsOf(conversation);
    }
    const meanwhile = this.#meanwhile;
    this.#meanwhile = null;
    for (const event of meanwhile ?? []) this.#hear(event);
  }

  #hear(event: ServerEvent): void {
    if (event.ev === "accepted") this.#responses.set(event.clientId, "accepted");
    else if (event.ev === "rejected") this.#responses.set(event.clientId, event.problem.code);
    else if (this.#meanwhile !== null) this.#meanwhile.push(event);
    else this.#apply(event);
  }

  #apply(event: ServerEvent): void {
    switch (event.ev) {
      case "ready":
        this.#later(this.resume());
        break;
      case "message":
        this.#push(event.message);
        break;
      case "message.hidden":
        hide(this.#conversation(event.conversation), event.messageId);
        break;
      case "read":
        if (event.userId === this.client.user.id) this.#read(event.conversation, event.seq);
        break;
      case "conversation.updated":
        this.#conversation(event.conversation.id).settings = settingsOf(event.conversation);
        break;
      case "friend.added":
        this.#conversation(event.friend.conversation);
        this.#later(this.sync());
        break;
      case "group.joined":
        this.#conversation(event.group.conversation);
        this.#later(this.sync());
        break;
      case "group.left":
        this.#forget(groupConversation(event.groupId));
        break;
      case "error":
        this.#fault ??= new Error(JSON.stringify(event.problem));
    }
  }

  #responseTo(clientId: ClientId): Promise<ProblemCode | null> {
    return eventually(`the response to ${clientId}`, () => {
      const response = this.#responses.get(clientId);
      return response === undefined ? null : { code: response === "accepted" ? null : response };
    }).then(({ code }) => code);
  }

  /** What an event starts; its failure fails the next look at the device. */
  #later(work: Promise<void>): void {
    work.catch((fault: unknown) => {
      this.#fault ??= fault;
    });
  }

  #push(message: Message): void {
    const isKnown = this.#held.has(message.conversation);
    const held = this.#conversation(message.conversation);
    const isNew = !held.messages.has(message.seq) && !held.hidden.has(message.id);
    put(held, message);
    // Its sender has read it.
    if (isNew && message.senderId === this.client.user.id && message.content?.type !== "notice") {
      this.#read(message.conversation, message.seq);
    }
    if (message.rev > held.rev) held.ahead.add(message.rev);
    close(held);
    if (held.ahead.size === 0 || this.#catchingUp > 0) return;
    if (isKnown) this.gaps += 1;
    this.#later(this.sync());
  }

  async #catchUp(): Promise<void> {
    for (let isBehind = true; isBehind; ) {
      const forgotten = this.#forgotten;
      const revs = Object.fromEntries([...this.#held].map(([id, { rev }]) => [id, rev]));
      const answer = await this.client.sync(revs);
      // It may hold what was forgotten since it was asked for.
      if (forgotten === this.#forgotten) this.#take(answer);
      else continue;
      const isMissing = [...this.#held.values()].some(({ ahead }) => ahead.size > 0);
      isBehind = isMissing || answer.more || answer.conversations.some(({ more }) => more);
    }
  }

  #take({ conversations }: SyncResponse): void {
    for (const { id, rev, readSeq, messages, hidden = [] } of conversations) {
      const held = this.#conversation(id);
      for (const message of messages) put(held, message);
      for (const messageId of hidden) hide(held, messageId);
      held.rev = Math.max(held.rev, rev);
      this.#read(id, readSeq);
      close(held);
    }
  }

  #read(conversation: ConversationId, seq: number): void {
    const held = this.#conversation(conversation);
    held.readSeq = Math.max(held.readSeq, seq);
  }

  #conversation(id: ConversationId): Held {
    const known = this.#held.get(id);
    if (known !== undefined) return known;
    const held = {
      ...{ messages: new Map(), hidden: new Set<MessageId>(), rev: 0, ahead: new Set<number>() },
      ...{ readSeq: 0, settings: {} },
    };
    this.#held.set(id, held);
    return held;
  }

  #forget(id: ConversationId): void {
    this.#held.delete(id);
    this.#forgotten += 1;
  }
}

/** What a conversation's person has set for it. */
function settingsOf({ mutedUntil, pinned, archived, draft }: Conversation): Settings {
  return {
    ...(mutedUntil !== undefined && { mutedUntil }),
    ...(pinned !== undefined && { pinned }),
    ...(archived !== undefined && { archived }),
    ...(draft !== undefined && { draft }),
  };
}

/** Keeps a message unless it is hidden or there is a newer version of it. */
function put(held: Held, message: Message): void {
  const known = held.messages.get(message.seq);
  if (held.hidden.has(message.id) || (known !== undefined && known.rev >= message.rev)) return;
  held.messages.set(message.seq, message);
}

function hide(held: Held, messageId: MessageId): void {
  held.hidden.add(messageId);
  for (const [seq, { id }] of held.messages) if (id === messageId) held.messages.delete(seq);
}

/** Moves the rev over those that follow it directly. */
function close(held: Held): void {
  while (held.ahead.has(held.rev + 1)) held.rev += 1;
  for (const rev of held.ahead) if (rev <= held.rev) held.ahead.delete(rev);
}
