import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import { groupConversation } from "../../schema/wire/conversation-id.ts";
import { ClientId } from "../../schema/wire/ids.ts";
import type { Message } from "../../schema/wire/message.ts";
import type { Operation } from "../../schema/wire/operation.ts";
import type { ServerEvent } from "../../schema/wire/socket.ts";
import { type Client, Refused } from "../harness/client.ts";
import type { Socket } from "../harness/socket.ts";

const RETRY_MS = 200;

/** The final response to an operation. */
export type Outcome = "accepted" | "refused";

type Unanswered = { operation: Operation; settle: (outcome: Outcome) => void };

/** Is told of each socket that a device opens, and of each event there. */
type Listener = { opened: () => void; heard: (event: ServerEvent) => void };

/**
 * A device that follows the protocol: it reconnects when its socket closes, sends operations without a response again, in order
 * and under the same client ids, and syncs after every `ready` and whenever a rev skips ahead.
 */
export class Device {
  readonly client: Client;
  readonly #listener: Listener;
  /** The messages that it has, by id, of all conversations. */
  readonly #messages = new Map<string, Message>();
  /** Their ids by conversation, the one it got last at the end. */
  readonly #ids = new Map<ConversationId, string[]>();
  readonly #outbox = new Map<string, Unanswered>();
  #revs: Record<string, number> = {};
  #socket: Socket | undefined;
  #syncing: Promise<void> | undefined;
  #syncAgain = false;
  #over = false;
  /** The number of `ready` events, on all its sockets. */
  readies = 0;

  private constructor(client: Client, listener: Partial<Listener>) {
    this.client = client;
    this.#listener = { opened: () => {}, heard: () => {}, ...listener };
  }

  static async open(client: Client, listener: Partial<Listener> = {}): Promise<Device> {
    const device = new Device(client, listener);
    await device.#comeBack();
    return device;
  }

  /** Sends a message, with retries; returns when it is accepted. */
  async write(conversation: ConversationId, text: string): Promise<void> {
    const content = { type: "text", text } as const;
    const outcome = await this.perform({
      op: "send",
      conversation,
      clientId: ClientId.parse(randomUUID()),
      content,
    });
    if (outcome === "refused") throw new Error(`${JSON.stringify(text)} was refused`);
  }

  /** Performs an operation, with retries; returns the response. */
  perform(operation: Operation): Promise<Outcome> {
    return new Promise((settle) => {
      this.#outbox.set(operation.clientId, { operation, settle });
      this.#socket?.sendFrame(operation);
    });
  }

  /** The messages that it has of a conversation, by rev. */
  messages(conversation: ConversationId): Message[] {
    const own = [...this.#messages.values()].filter((message) => message.conversation === conversation);
    return own.sort((a, b) => a.rev - b.rev);
  }

  /** Some of the messages that it got last in a conversation, as they are now. */
  recent(conversation: ConversationId, count: number): Message[] {
    const ids = this.#ids.get(conversation)?.slice(-count) ?? [];
    return ids.flatMap((id) => this.#messages.get(id) ?? []);
  }

  /** Loses its socket, as on a train, and opens another one. */
  async loseSocket(): Promise<void> {
    await this.#socket?.close();
  }

  close(): void {
    this.#over = true;
    void this.#socket?.close();
  }

  async #comeBack(): Promise<void> {
    const socket = await untilItWorks(() => this.client.connect());
    if (this.#over) return await socket.close();
    this.#listener.opened();
    this.#socket = socket;
    socket.onEvent = (event) => this.#hear(event);
    for (const event of socket.events) this.#hear(event);
    for (const { operation } of this.#outbox.values()) socket.sendFrame(operation);
    void socket.closed.then(() => {
      this.#socket = undefined;
      if (!this.#over) void this.#comeBack();
    });
  }

  #hear(event: ServerEvent): void {
    this.#listener.heard(event);
    switch (event.ev) {
      case "ready":
        this.readies++;
        this.#syncSoon();
        break;
      case "accepted":
        this.#settle(event.clientId, "accepted");
        break;
      case "rejected":
        if (event.retryAfter === undefined) this.#settle(event.clientId, "refused");
        else void sleep(event.retryAfter * 1_000).then(() => this.#again(event.clientId));
        break;
      case "message":
        this.#take(event.message);
        break;
      case "group.joined":
        this.#syncSoon();
        break;
      case "group.left":
        delete this.#revs[groupConversation(event.groupId)];
        break;
    }
  }

  #settle(clientId: string, outcome: Outcome): void {
    this.#outbox.get(clientId)?.settle(outcome);
    this.#outbox.delete(clientId);
  }

  #again(clientId: string): void {
    const unanswered = this.#outbox.get(clientId);
    if (unanswered !== undefined) this.#socket?.sendFrame(unanswered.operation);
  }

  #take(message: Message): void {
    const { conversation, rev } = message;
    const known = this.#revs[conversation] ?? 0;
    this.#keep(message);
    if (rev > known + 1) this.#syncSoon();
    else this.#revs[conversation] = Math.max(known, rev);
  }

  /** Keeps a message unless there is a newer version of it. */
  #keep(message: Message): void {
    const { id, conversation, rev } = message;
    const known = this.#messages.get(id);
    if (known !== undefined && known.rev >= rev) return;
    this.#messages.set(id, message);
    if (known !== undefined) return;
    const ids = this.#ids.get(conversation) ?? [];
    ids.push(id);
    this.#ids.set(conversation, ids);
  }

  #syncSoon(): void {
    this.#syncAgain = true;
    this.#syncing ??= this.#sync();
  }

  async #sync(): Promise<void> {
    while (this.#syncAgain && !this.#over) {
      this.#syncAgain = false;
      const response = await untilItWorks(() => this.client.sync(this.#revs));
      for (const { id, rev, messages, more } of response.conversations) {
        for (const message of messages) this.#keep(message);
        this.#revs[id] = Math.max(this.#revs[id] ?? 0, rev);
        this.#syncAgain ||= more;
      }
      this.#syncAgain ||= response.more;
    }
    this.#syncing = undefined;
  }
}

/** Sends a message over HTTP until it is accepted; every retry has the same client id. */
export async function postUntilAccepted(
  client: Client,
  conversation: ConversationId,
  text: string,
): Promise<void> {
  const clientId = randomUUID();
  await untilItWorks(() => client.post(conversation, text, clientId));
}

/** Retries while the system does not respond; a refusal that a retry cannot change is thrown. */
export async function untilItWorks<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof Refused && error.status < 500 && error.status !== 429) throw error;
      await sleep(RETRY_MS);
    }
  }
}
