import { randomUUID } from "node:crypto";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import { type ServerEvent, SUBPROTOCOL, TICKET_PREFIX } from "../../schema/wire/socket.ts";

/** How long to wait for an event, on a machine that has other work too. */
const PATIENCE_MS = 30_000;

type Name = ServerEvent["ev"];
type EventOf<Ev extends Name> = Extract<ServerEvent, { ev: Ev }>;
type Waiter = { hears: (event: ServerEvent) => boolean; resolve: (event: ServerEvent) => void };

/** A socket at the public protocol: keeps every event that it has heard, and waits for those to come. */
export class Socket {
  /** Every event so far, in the order in which they came. */
  readonly events: ServerEvent[] = [];
  /** Hears every event from now on. */
  onEvent: (event: ServerEvent) => void = () => {};
  /** How many frames those came in. */
  frames = 0;
  /** How it was closed. */
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
      this.#socket.addEventListener("open", () => resolve());
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

  /** Answers when it will receive everything. */
  async ready(): Promise<EventOf<"ready">> {
    await this.#opened;
    return this.next("ready");
  }

  /** The first event of that name which fits, among those heard and those to come. */
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

  /** All events of that name so far. */
  all<Ev extends Name>(name: Ev): EventOf<Ev>[] {
    return this.events.filter((event): event is EventOf<Ev> => event.ev === name);
  }

  /** Answers when as many distinct messages of a conversation have come, in whatever number of frames. */
  async messages(conversation: ConversationId, count: number, patienceMs = PATIENCE_MS): Promise<void> {
    const found = new Set<string>();
    const enough = (event: ServerEvent) => {
      if (event.ev === "message" && event.message.conversation === conversation) found.add(event.message.id);
      return found.size >= count;
    };
    if (this.events.some(enough)) return;
    await this.#wait(`${count} messages`, enough, patienceMs);
  }

  /** Sends a text message; answers its client id at once. */
  send(conversation: ConversationId, text: string, clientId: string = randomUUID()): string {
    this.sendFrame({ op: "send", conversation, clientId, content: { type: "text", text } });
    return clientId;
  }

  /** Sends a text message; answers its client id when it is accepted. */
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

  /** Answers when the server does. */
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
