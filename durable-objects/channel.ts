import type { GroupId, SessionId, UserId } from "../schema/wire/ids.ts";
import type { Close } from "../schema/wire/socket.ts";
import type { FrameLimits } from "./frame-limits.ts";
import type { Membership } from "./group-node.ts";

/** What survives with a socket while its bucket is out of memory. */
export type Attachment = {
  userId: UserId;
  sessionId: SessionId;
  /** When the socket was opened, and when it last gave a sign of life as far as it was noted (milliseconds). */
  connectedAt: number;
  seenAt: number;
  ready: boolean;
};

/** How old the noted sign of life may be. */
const NOTE_EVERY_MS = 30_000;

/** One socket: a device of somebody, with its places in the lists of their groups. */
export class Channel {
  readonly socket: WebSocket;
  readonly limits: FrameLimits;
  readonly memberships = new Map<GroupId, Membership<Channel>>();
  /** The place of the last push that waits for this channel. */
  queuedAt = 0;
  readonly #attachment: Attachment;

  constructor(socket: WebSocket, attachment: Attachment, limits: FrameLimits) {
    this.socket = socket;
    this.#attachment = attachment;
    this.limits = limits;
  }

  get userId(): UserId {
    return this.#attachment.userId;
  }

  get sessionId(): SessionId {
    return this.#attachment.sessionId;
  }

  get seenAt(): number {
    return this.#attachment.seenAt;
  }

  /** Whether it has been told that it receives everything, and so gets what is pushed. */
  get isReady(): boolean {
    return this.#attachment.ready;
  }

  markReady(): void {
    this.#attachment.ready = true;
    this.note();
  }

  /** A sign of life; written down now and then only, for writing costs more than the frame. */
  seen(now: number): void {
    if (now - this.#attachment.seenAt < NOTE_EVERY_MS) return;
    this.#attachment.seenAt = now;
    this.note();
  }

  /** Writes down what has to survive. */
  note(): void {
    this.socket.serializeAttachment(this.#attachment);
  }

  /** Sends a frame; answers false when the socket is on its way out. */
  send(frame: string): boolean {
    if (this.socket.readyState !== WebSocket.OPEN) return false;
    this.socket.send(frame);
    return true;
  }

  /** Closes the socket; one that is closed already stays as it is. */
  close({ code, reason }: Close): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.close(code, reason);
  }
}
