import type { z } from "zod";
import type { ClientFrame } from "../../../schema/wire/operation.ts";
import { CLOSE, type ConnectResponse, SUBPROTOCOL, TICKET_PREFIX } from "../../../schema/wire/socket.ts";
import { mayReconnect, waitBefore } from "./backoff.ts";
import { readFrame, type SocketEvent } from "./frame.ts";
import { ApiProblem } from "./problem.ts";
import type { Connection } from "./state.ts";

const PING_MS = 25_000;
/** A socket without a pong for so long is dead. */
const PONG_MS = 10_000;
/** From the ticket to `ready`. */
const OPEN_MS = 15_000;
/** After a connection that was ready for so long, the next wait is a short one again. */
const PROVEN_MS = 10_000;

/** What a client sends. */
export type Frame = z.input<typeof ClientFrame>;

/** What the socket needs of its surroundings, and the callbacks it makes. */
export type SocketPorts = {
  /** Fetches the address to connect to and a ticket. */
  ticket: () => Promise<ConnectResponse>;
  /** A frame of events; the first of a connection starts with `ready`. */
  events: (events: readonly SocketEvent[]) => void;
  connection: (connection: Connection) => void;
  /** The session has ended: no further attempt is made. */
  ended: () => void;
};

/** One connection to the server that is made again, after a random, growing wait, until it is stopped. */
export class Socket {
  readonly #ports: SocketPorts;
  #socket: WebSocket | null = null;
  /** Grows with each start, stop and attempt, so that a late result of an older one is recognised. */
  #generation = 0;
  #attempt = 0;
  #readyAt: number | null = null;
  #waiting = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ports: SocketPorts) {
    this.#ports = ports;
  }

  start(): void {
    this.#attempt = 0;
    void this.#connect();
  }

  stop(): void {
    this.#drop();
    this.#waiting = false;
    this.#ports.connection("offline");
  }

  /** Sends a frame; false when there is no connection that is ready. */
  send(frame: Frame): boolean {
    if (this.#socket === null || this.#readyAt === null) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** The device woke up, or its network came or went: connects now, or checks that the socket lives. */
  wake(): void {
    if (this.#waiting) this.start();
    else if (this.#readyAt !== null) this.#ping();
  }

  /** Gives up a socket that does not work, and connects again. */
  restart(): void {
    if (this.#socket !== null) this.#lost(0, 0);
  }

  async #connect(): Promise<void> {
    this.#drop();
    this.#waiting = false;
    const generation = this.#generation;
    this.#ports.connection("connecting");
    try {
      const { url, ticket } = await this.#ports.ticket();
      if (generation !== this.#generation) return;
      this.#open(new WebSocket(url, [SUBPROTOCOL, TICKET_PREFIX + ticket]));
    } catch (error) {
      if (generation !== this.#generation) return;
      if (error instanceof ApiProblem && error.code === "unauthenticated") this.#ports.ended();
      else this.#lost(0, error instanceof ApiProblem ? error.retryAfter : 0);
    }
  }

  #open(socket: WebSocket): void {
    this.#socket = socket;
    this.#after(OPEN_MS, () => this.#lost(0, 0));
    // Without a first frame from here, workerd keeps the connection for a while after it has closed the socket.
    socket.addEventListener("open", () => socket.send("ping"));
    socket.addEventListener("message", ({ data }) => {
      if (socket === this.#socket) this.#received(String(data));
    });
    socket.addEventListener("close", ({ code }) => {
      if (socket === this.#socket) this.#lost(code, 0);
    });
  }

  /** Anything that arrives shows that the socket lives. `ready` may come again: only the first one opens. */
  #received(data: string): void {
    const events = data === "pong" ? [] : readFrame(data);
    if (this.#readyAt === null && events.some(({ ev }) => ev === "ready")) {
      this.#readyAt = Date.now();
      this.#ports.connection("online");
    }
    if (this.#readyAt !== null) this.#after(PING_MS, () => this.#ping());
    if (events.length > 0) this.#ports.events(events);
  }

  #ping(): void {
    this.#socket?.send("ping");
    this.#after(PONG_MS, () => this.#lost(0, 0));
  }

  #lost(code: number, atLeast: number): void {
    const proven = this.#readyAt !== null && Date.now() - this.#readyAt >= PROVEN_MS;
    if (proven) this.#attempt = 0;
    this.#drop();
    if (code === CLOSE.sessionEnded.code) this.#ports.ended();
    else if (!mayReconnect(code))
      this.#ports.connection(code === CLOSE.tooManySockets.code ? "replaced" : "stopped");
    else this.#reconnect(Math.max(atLeast, waitBefore(this.#attempt, code, Math.random())));
  }

  #reconnect(wait: number): void {
    this.#attempt += 1;
    this.#waiting = true;
    this.#after(wait, () => void this.#connect());
    this.#ports.connection("offline");
  }

  /** Closes the present socket and ignores its further events. */
  #drop(): void {
    this.#generation += 1;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    this.#readyAt = null;
    socket?.close();
  }

  /** There is one thing to wait for at a time: `ready`, the next ping, its pong, or the next attempt. */
  #after(ms: number, act: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, ms);
  }
}
