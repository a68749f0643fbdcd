import { randomUUID } from "node:crypto";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import { type ServerEvent, SUBPROTOCOL, TICKET_PREFIX } from "../../schema/wire/socket.ts";

/** How long to wait for an event on a busy machine (milliseconds). */
const PATIENCE_MS = 30_000;

type Name = ServerEvent["ev"];
type EventOf<Ev extends Name> = Extract<ServerEvent, { ev: Ev }>;
type Waiter = { hears: (event: ServerEvent) => boolean; resolve: (event: ServerEvent) => void };

/** A socket of the public protocol: keeps every event that it has received, and can wait for further ones. */
export class Socket {
  /** Every event so far, in the order of receipt. */
  readonly events: ServerEvent[] = [];
  /** Called for every further event. */
  onEvent: (event: ServerEvent) => void = () => {};
  /** The number of frames received. */
  frames = 0;
  /** Resolves with code and reason when the socket closes. */
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #socket: WebSocket;
  readonly #opened: Promise<void>;
  #waiters: Waiter[] = [];
  #pongs: (() => void)[] = [];

  /** Opens it with a ticket, or at any server with a bearer token, as no browser can. */
  constructor(url: string, pass: { ticket: string } | { token: string }) {
    this.#socket =
      "ticket" in pass
        ? new WebSocket(url, [SUBPROTOCOL, `${TICKET_PREFIX}${pass.ticket}`])
        : new WebSocket(url, {
            protocols: [SUBPROTOCOL],
            headers: { authorization: `Bearer ${pass.token}` },
          });
    this.#opened = new Promise((resolve, reject) => {
      this.#socket.addEventListener("open", () => {
        // As clients do: without a first frame, workerd keeps the connection for a while after it has closed the socket.
        void this.ping();
        resolve();
      });
      this.#socket.addEventListener("close", ({ code }) =>
        reject(new Error(`the socket was closed: ${code}`)),
      );
    });
    this.#opened.catch(() => {});
    this.closed = new Promise((resolve) => {
      this.#socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason }));
    });
    this.#socket.addEventListener("message", ({ data }) => this.#hear(String(data)));
  }

  /** Waits for the `ready` event. */
  async ready(): Promise<EventOf<"ready">> {
    await this.#opened;
    return this.next("ready");
  }

  /** The first event of that name that matches: one already received, or else a further one. */
  async next<Ev extends Name>(
    name: Ev,
    fits: (event: EventOf<Ev>) => boolean = () => true,
    patienceMs = PATIENCE_MS,
  ): Promise<EventOf<Ev>> {
    const hears = (event: ServerEvent) => event.ev === name && fits(event as EventOf<Ev>);
    const known = this.events.find(hears);
    if (known !== undefined) return known as EventOf<Ev>;
    return (await this.#wait(name, hears, patienceMs)) as EventOf<Ev>;
  }

  /** The first message that somebody has written, as `next` finds it: no notice. */
  written(): Promise<EventOf<"message">> {
    return this.next("message", ({ message }) => message.content?.type !== "notice");
  }

  /** All events of that name so far. */
  all<Ev extends Name>(name: Ev): EventOf<Ev>[] {
    return this.events.filter((event): event is EventOf<Ev> => event.ev === name);
  }

  /** Waits until this many distinct messages of a conversation have been received; notices do not count. */
  async messages(conversation: ConversationId, count: number, patienceMs = PATIENCE_MS): Promise<void> {
    const found = new Set<string>();
    const enough = (event: ServerEvent) => {
      if (event.ev !== "message") return false;
      const { id, content, ...message } = event.message;
      if (message.conversation === conversation && content?.type !== "notice") found.add(id);
      return found.size >= count;
    };
    if (this.events.some(enough)) return;
    await this.#wait(`${count} messages`, enough, patienceMs);
  }

  /** Sends a text message; returns its client id without waiting. */
  send(conversation: ConversationId, text: string, clientId: string = randomUUID()): string {
    this.sendFrame({ op: "send", conversation, clientId, content: { type: "text", text } });
    return clientId;
  }

  /** Sends a text message; returns its client id once it is accepted. */
  async sendAccepted(conversation: ConversationId, text: string): Promise<string> {
    const clientId = this.send(conversation, text);
    await this.next("accepted", (event) => event.clientId === clientId);
    return clientId;
  }

  sendFrame(frame: unknown): void {
    this.sendText(JSON.stringify(frame));
  }

  sendText(text: string): void {
    this.#socket.send(text);
  }

  /** Sends a frame of text or of bytes as it is. */
  sendRaw(frame: string | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(frame);
  }

  /** Sends `ping` and waits for `pong`. */
  ping(): Promise<void> {
    this.sendText("ping");
    return new Promise((resolve) => this.#pongs.push(resolve));
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.closed;
  }

  #hear(text: string): void {
    if (text === "pong") {
      this.#pongs.shift()?.();
      return;
    }
    this.frames++;
    for (const event of JSON.parse(text) as ServerEvent[]) {
      this.events.push(event);
      this.onEvent(event);
      this.#waiters = this.#waiters.filter((waiter) => {
        if (!waiter.hears(event)) return true;
        waiter.resolve(event);
        return false;
      });
    }
  }

  #wait(what: string, hears: Waiter["hears"], patienceMs: number): Promise<ServerEvent> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        const heard = this.events.slice(-20).map((event) => JSON.stringify(event));
        reject(new Error(`waited ${patienceMs} ms for ${what}; the last events were\n${heard.join("\n")}`));
      }, patienceMs);
      const waiter: Waiter = {
        hears,
        resolve: (event) => {
          clearTimeout(timer);
          resolve(event);
        },
      };
      this.#waiters.push(waiter);
    });
  }
}
