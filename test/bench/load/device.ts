import { WebSocket } from "ws";
import type { ConversationId } from "../../../schema/wire/conversation-id.ts";
import type { Message } from "../../../schema/wire/message.ts";
import {
  type ConnectResponse,
  type ServerEvent,
  SUBPROTOCOL,
  TICKET_PREFIX,
} from "../../../schema/wire/socket.ts";
import type { Client } from "../../harness/client.ts";
import type { Violations } from "./violations.ts";

/** Below the idle time after which the server closes a socket (milliseconds). */
const PING_EVERY_MS = 30_000;

/** The callbacks for what a device receives. */
export type Listeners = {
  message: (device: Device, message: Message) => void;
  accepted: (conversation: ConversationId, clientId: string) => void;
  rejected: (clientId: string, code: string) => void;
};

/** Counters of what all devices have received. */
export type Received = { frames: number; events: number; messages: number };

/** A person's socket. Kept cheap, because it shares the machine with the measured system. */
export class Device {
  readonly userId: string;
  readonly #socket: WebSocket;
  readonly #listeners: Listeners;
  readonly #received: Received;
  #ready: (() => void) | undefined;

  private constructor(userId: string, socket: WebSocket, listeners: Listeners, received: Received) {
    this.userId = userId;
    this.#socket = socket;
    this.#listeners = listeners;
    this.#received = received;
  }

  /** Opens a socket and waits until it is ready; a close before the end of the load is a violation. */
  static async open(
    client: Client,
    { deflate, sockets }: { deflate: boolean; sockets: Readonly<Record<string, string>> },
    listeners: Listeners,
    received: Received,
    violations: Violations,
  ): Promise<Device> {
    const { url, ticket, serverId } = await client.do<ConnectResponse>("POST", "/connect");
    const place = new URL(url);
    place.host = sockets[serverId] ?? place.host;
    const socket = new WebSocket(place, [SUBPROTOCOL, `${TICKET_PREFIX}${ticket}`], {
      perMessageDeflate: deflate,
      skipUTF8Validation: true,
    });
    const device = new Device(client.user.id, socket, listeners, received);
    const pings = setInterval(() => socket.send("ping"), PING_EVERY_MS);
    await new Promise<void>((resolve, reject) => {
      device.#ready = resolve;
      socket.on("message", (data) => device.#receive(String(data)));
      socket.on("error", reject);
      socket.on("close", (code, reason) => {
        clearInterval(pings);
        violations.add(`the socket of ${device.userId} was closed: ${code} ${reason}`);
        reject(new Error(`a socket was closed before it was ready: ${code} ${reason}`));
      });
    });
    return device;
  }

  send(conversation: ConversationId, clientId: string, text: string): void {
    this.#socket.send(
      JSON.stringify({ op: "send", conversation, clientId, content: { type: "text", text } }),
    );
  }

  #receive(frame: string): void {
    if (frame === "pong") return;
    const events: ServerEvent[] = JSON.parse(frame);
    this.#received.frames += 1;
    this.#received.events += events.length;
    for (const event of events) {
      switch (event.ev) {
        case "message":
          this.#received.messages += 1;
          this.#listeners.message(this, event.message);
          break;
        case "accepted":
          this.#listeners.accepted(event.conversation, event.clientId);
          break;
        case "rejected":
          this.#listeners.rejected(event.clientId, event.problem.code);
          break;
        case "ready":
          this.#ready?.();
          break;
        default:
        // Other events, such as presence, are only counted.
      }
    }
  }
}
