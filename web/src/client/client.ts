import type { ConversationId } from "../../../schema/wire/conversation-id.ts";
import type { ClientId, UserId } from "../../../schema/wire/ids.ts";
import type { Message } from "../../../schema/wire/message.ts";
import type { Operation } from "../../../schema/wire/operation.ts";
import type { User } from "../../../schema/wire/user.ts";
import { Api } from "./api.ts";
import { newClientId } from "./client-id.ts";
import { unread } from "./conversation-state.ts";
import type { SocketEvent } from "./frame.ts";
import { gapIn } from "./gaps.ts";
import { Names } from "./names.ts";
import { Outbox } from "./outbox.ts";
import { OutboxStorage } from "./outbox-storage.ts";
import { refusalOf } from "./problem.ts";
import { ReadMarks } from "./read-marks.ts";
import type { Session } from "./session.ts";
import { Socket } from "./socket.ts";
import { initialState, type Outgoing } from "./state.ts";
import { Store } from "./store.ts";
import { Sync } from "./sync.ts";
import { shown } from "./timeline.ts";

const OLDER = 50;

/** One signed-in person's messaging: connects socket, sync, outbox and store, without any screen. */
export class Client {
  readonly api: Api;
  readonly store: Store;
  /** What is written and not sent, by conversation; ends with the person's session on this page. */
  readonly drafts = new Map<ConversationId, string>();
  readonly #session: Session;
  readonly #sync: Sync;
  readonly #socket: Socket;
  readonly #kept: OutboxStorage;
  readonly #outbox: Outbox;
  readonly #marks: ReadMarks;
  readonly #names: Names;
  readonly #loadingOlder = new Set<ConversationId>();

  constructor(session: Session, me: User, storage: Storage) {
    this.#session = session;
    this.api = new Api(session);
    this.store = new Store(initialState(me));
    this.#sync = new Sync(this.api, this.store);
    this.#names = new Names(this.api, this.store);
    this.#socket = new Socket({
      ticket: () => this.api.connect(),
      events: (events) => this.happened(events),
      connection: (connection) => {
        this.store.apply({ type: "connection", connection });
        if (connection !== "online") this.#disconnected();
      },
      ended: () => session.end(),
    });
    this.#marks = new ReadMarks((frame) => this.#socket.send(frame));
    this.#kept = new OutboxStorage(storage, me.id);
    this.#outbox = new Outbox({
      storage: this.#kept,
      transmit: (frame) => this.#socket.send(frame),
      changed: (outgoing: Outgoing) => this.store.apply({ type: "unsent", outgoing }),
      stuck: () => this.#socket.restart(),
    });
    this.store.subscribe(() => this.#settleStored());
  }

  start(): void {
    this.#socket.start();
  }

  stop(): void {
    this.#outbox.stop();
    this.#socket.stop();
  }

  /** The device woke up, or its network came or went: connects now, or checks the connection. */
  wake(): void {
    this.#socket.wake();
  }

  /** Applies events, of the socket or equal to a call's result, and fetches what they show to be missing. */
  happened(events: readonly SocketEvent[]): void {
    this.#sync.saw(events);
    this.store.apply(...events.map((event) => ({ type: "event", event }) as const));
    for (const event of events) this.#follow(event);
    const gap = gapIn(this.store.state(), events);
    if (gap !== null) this.#sync.want({ lists: gap === "name" });
  }

  /** Fetches lists and messages again. */
  refresh(): void {
    this.#sync.want({ lists: true });
  }

  /** A conversation is shown: loads its newest messages unless they are loaded. */
  open(id: ConversationId): void {
    this.#sync.open(id);
  }

  /** Writes a text, in reply to a message of the conversation or not. */
  send(conversation: ConversationId, text: string, repliedTo: Message | null): void {
    this.#operate({ op: "send", conversation, content: { type: "text", text }, ...replyOf(repliedTo) });
  }

  /** Uploads an image, which needs a connection, and then writes it like a text. */
  async sendImage(conversation: ConversationId, image: Blob, repliedTo: Message | null): Promise<void> {
    const content = await this.api.uploadImage(image);
    this.#operate({ op: "send", conversation, content, ...replyOf(repliedTo) });
  }

  edit({ conversation, id }: Message, text: string): void {
    this.#operate({ op: "edit", conversation, messageId: id, content: { type: "text", text } });
  }

  recall({ conversation, id }: Message): void {
    this.#operate({ op: "recall", conversation, messageId: id });
  }

  /** Puts this person's emoji onto a message, or takes it away. */
  react({ conversation, id }: Message, emoji: string, on: boolean): void {
    this.#operate({ op: "react", conversation, messageId: id, emoji, on });
  }

  retry(clientId: ClientId): void {
    this.#outbox.retry(clientId);
  }

  /** Discards a failed operation. */
  discard(clientId: ClientId): void {
    this.#outbox.settle(clientId);
    this.store.apply({ type: "discarded", clientId });
  }

  /** Marks as read all that is shown of a conversation. */
  read(id: ConversationId): void {
    const conversation = this.store.state().conversations.get(id);
    if (conversation === undefined || unread(conversation) === 0) return;
    const seq = shown(conversation.timeline).at(-1)?.seq ?? 0;
    if (seq <= conversation.readSeq) return;
    this.store.apply({ type: "read", conversation: id, seq });
    this.#marks.mark(id, seq);
  }

  /** Loads the messages before those shown. One request a conversation at a time. */
  async loadOlder(id: ConversationId): Promise<void> {
    const timeline = this.store.state().conversations.get(id)?.timeline;
    if (timeline === undefined || timeline.from === null || timeline.complete) return;
    if (this.#loadingOlder.has(id)) return;
    this.#loadingOlder.add(id);
    try {
      const messages = await this.api.messagesBefore(id, timeline.from, OLDER);
      this.store.apply({ type: "older", conversation: id, messages, complete: messages.length < OLDER });
    } finally {
      this.#loadingOlder.delete(id);
    }
  }

  /** Fetches the names of those people who are not known. */
  need(people: readonly UserId[]): void {
    this.#names.need(people);
  }

  async changeProfile(change: { username?: string; displayName?: string }): Promise<void> {
    this.#changedMe(await this.api.changeMe(change));
  }

  async changeAvatar(image: Blob): Promise<void> {
    this.#changedMe(await this.api.changeAvatar(image));
  }

  /** Logs out; operations that were not sent are deleted. */
  async logOut(): Promise<void> {
    this.stop();
    this.#kept.clear();
    await this.#session.logOut();
  }

  #operate(operation: WithoutClientId<Operation>): void {
    this.#outbox.add({ ...operation, clientId: newClientId() });
  }

  #changedMe(me: User): void {
    this.#session.changeUser(me);
    this.store.apply({ type: "me", me });
  }

  #follow(event: SocketEvent): void {
    switch (event.ev) {
      case "ready":
        this.#sync.connected();
        this.#outbox.connected(true);
        this.#marks.connected();
        break;
      case "accepted":
        this.#outbox.settle(event.clientId);
        break;
      case "rejected":
        this.#outbox.refuse(event.clientId, refusalOf(event));
        break;
      case "read":
        if (event.userId === this.store.state().me.id) this.#marks.confirm(event.conversation, event.seq);
        break;
    }
  }

  #disconnected(): void {
    this.#sync.disconnected();
    this.#outbox.connected(false);
  }

  /** A message that came back stored, from the socket or a request, is not sent again. */
  #settleStored(): void {
    const { unsent } = this.store.state();
    for (const clientId of this.#outbox.waiting()) if (!unsent.has(clientId)) this.#outbox.settle(clientId);
  }
}

/** Each kind of operation as the client makes it: distributed over the union, whose members stay apart. */
type WithoutClientId<Kind> = Kind extends Operation ? Omit<Kind, "clientId"> : never;

function replyOf(message: Message | null): { replyTo?: Message["id"] } {
  return message === null ? {} : { replyTo: message.id };
}
