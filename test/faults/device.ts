import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import type { Message } from "../../schema/wire/message.ts";
import type { ServerEvent } from "../../schema/wire/socket.ts";
import { type Client, Refused } from "../harness/client.ts";
import type { Socket } from "../harness/socket.ts";

const RETRY_MS = 200;

type Unacknowledged = { conversation: ConversationId; text: string; clientId: string; accepted: () => void };

/**
 * A device that follows the protocol: it reconnects when its socket closes, sends unacknowledged messages again, in order
 * and under the same client ids, and syncs after every `ready` and whenever a rev skips ahead.
 */
export class Device {
  readonly client: Client;
  /** The messages that it has, by id, of all conversations. */
  readonly #messages = new Map<string, Message>();
  readonly #outbox = new Map<string, Unacknowledged>();
  #revs: Record<string, number> = {};
  #socket: Socket | undefined;
  #syncing: Promise<void> | undefined;
  #syncAgain = false;
  #over = false;
  /** The number of `ready` events, on all its sockets. */
  readies = 0;

  private constructor(client: Client) {
    this.client = client;
  }

  static async open(client: Client): Promise<Device> {
    const device = new Device(client);
    await device.#comeBack();
    return device;
  }

  /** Sends a message, with retries; returns when it is accepted. */
  write(conversation: ConversationId, text: string): Promise<void> {
    const clientId = randomUUID();
    return new Promise((accepted) => {
      this.#outbox.set(clientId, { conversation, text, clientId, accepted });
      this.#send(clientId);
    });
  }

  /** The messages that it has of a conversation, by rev. */
  messages(conversation: ConversationId): Message[] {
    const own = [...this.#messages.values()].filter((message) => message.conversation === conversation);
    return own.sort((a, b) => a.rev - b.rev);
  }

  close(): void {
    this.#over = true;
    void this.#socket?.close();
  }

  async #comeBack(): Promise<void> {
    const socket = await untilItWorks(() => this.client.connect());
    this.#socket = socket;
    socket.onEvent = (event) => this.#hear(event);
    for (const event of socket.events) this.#hear(event);
    for (const clientId of this.#outbox.keys()) this.#send(clientId);
    void socket.closed.then(() => {
      this.#socket = undefined;
      if (!this.#over) void this.#comeBack();
    });
  }

  #send(clientId: string): void {
    const { conversation, text } = this.#outbox.get(clientId) ?? {};
    if (conversation !== undefined && text !== undefined) this.#socket?.send(conversation, text, clientId);
  }

  #hear(event: ServerEvent): void {
    switch (event.ev) {
      case "ready":
        this.readies++;
        this.#syncSoon();
        break;
      case "accepted":
        this.#outbox.get(event.clientId)?.accepted();
        this.#outbox.delete(event.clientId);
        break;
      case "message":
        this.#take(event.message);
        break;
    }
  }

  #take(message: Message): void {
    const { conversation, rev } = message;
    const known = this.#revs[conversation] ?? 0;
    this.#messages.set(message.id, message);
    if (rev > known + 1) this.#syncSoon();
    else this.#revs[conversation] = Math.max(known, rev);
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
        for (const message of messages) this.#messages.set(message.id, message);
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
async function untilItWorks<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof Refused && error.status < 500 && error.status !== 429) throw error;
      await sleep(RETRY_MS);
    }
  }
}
