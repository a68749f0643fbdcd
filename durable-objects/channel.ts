import { z } from "zod";
import { type GroupId, SessionId, UserId } from "../schema/wire/ids.ts";
import type { Close, ServerEvent } from "../schema/wire/socket.ts";
import { frameOf } from "./frame.ts";
import type { Membership } from "./group-node.ts";
import { BadFrames, type InboundLimits } from "./inbound-limits.ts";

/**
 * What survives with a socket while its bucket is out of memory. A deployment or its rollback wakes a bucket with what
 * other code has written: the shape grows by optional fields, it does not change.
 */
export const Attachment = z.object({
  userId: UserId,
  sessionId: SessionId,
  /** When the socket was opened (milliseconds). */
  connectedAt: z.number(),
  /** The last sign of life that was written down (milliseconds). */
  seenAt: z.number(),
  ready: z.boolean(),
});
export type Attachment = z.infer<typeof Attachment>;

/** How old the last sign of life that is written down may be. */
const NOTE_EVERY_MS = 30_000;

/** One socket: a device of somebody, with its places in the lists of their groups. */
export class Channel {
  readonly socket: WebSocket;
  readonly limits: InboundLimits;
  readonly badFrames = new BadFrames();
  readonly memberships = new Map<GroupId, Membership<Channel>>();
  /** The place of the last frame that is queued for this channel. */
  queuedAt = 0;
  readonly #attachment: Attachment;

  constructor(socket: WebSocket, attachment: Attachment, limits: InboundLimits) {
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

  get connectedAt(): number {
    return this.#attachment.connectedAt;
  }

  get seenAt(): number {
    return this.#attachment.seenAt;
  }

  /** Whether it has got its `ready`, and so gets what is pushed. */
  get isReady(): boolean {
    return this.#attachment.ready;
  }

  markReady(): void {
    this.#attachment.ready = true;
    this.save();
  }

  /** A sign of life; written down now and then only, for writing costs more than the frame. */
  seen(now: number): void {
    if (now - this.#attachment.seenAt < NOTE_EVERY_MS) return;
    this.#attachment.seenAt = now;
    this.save();
  }

  /** Writes down what has to survive. */
  save(): void {
    this.socket.serializeAttachment(this.#attachment);
  }

  /** Sends a frame, unless the socket is closing. */
  send(frame: string): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(frame);
  }

  /** Sends events in a frame of their own, past what is queued. */
  report(...events: ServerEvent[]): void {
    this.send(frameOf(events.map((event) => JSON.stringify(event))));
  }

  /** Closes the socket, unless it is closing. */
  close({ code, reason }: Close): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.close(code, reason);
  }
}
