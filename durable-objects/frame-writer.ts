import type { DeliveryItem } from "../lib/rpc/bucket.ts";
import type { Control } from "../schema/internal/recipients.ts";
import { bytesOf, frameOf, frameRuns } from "./frame.ts";
import { type Addressee, FrameQueue, type OutgoingFrame, type QueuedFrame } from "./frame-queue.ts";
import type { Hub } from "./hub.ts";
import type { TokenBucket } from "./token-bucket.ts";

/** What the writer does with a control when its turn comes. */
export type Controls = {
  /** Whether a later change has been applied already: then the control's item is dropped. */
  isStale(control: Control): boolean;
  carryOut(control: Control): void;
};

/**
 * Writes what is delivered to the sockets that it is for, a push token a frame. Out of tokens, frames wait in the
 * queue, under a timer that exists only while something waits.
 */
export class FrameWriter {
  readonly #hub: Hub;
  readonly #tokens: TokenBucket;
  readonly #maxBytes: number;
  readonly #controls: Controls;
  readonly #queue = new FrameQueue();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `maxBytes` bounds what waits. */
  constructor(hub: Hub, tokens: TokenBucket, maxBytes: number, controls: Controls) {
    this.#hub = hub;
    this.#tokens = tokens;
    this.#maxBytes = maxBytes;
    this.#controls = controls;
  }

  /**
   * Takes a delivery, all of it or, over the bound, none: then it throws. Returns null when everything has been
   * written already, else a promise of it.
   */
  push(items: readonly DeliveryItem[]): Promise<void> | null {
    this.#checkBound(items);
    const now = Date.now();
    let last: QueuedFrame | undefined;
    for (const frame of items.flatMap(framesOf)) {
      if (this.#queue.isEmpty && this.#wait(frame, now) === 0) {
        this.#write(frame);
      } else {
        const queued = this.#queue.add(frame, this.#addressees(frame));
        if (last === undefined || queued.place > last.place) last = queued;
      }
    }
    if (last === undefined) return null;
    const { written } = last;
    const done = new Promise<void>((resolve) => written.push(resolve));
    if (this.#timer === undefined) this.#drain();
    return done;
  }

  #checkBound(items: readonly DeliveryItem[]): void {
    if (this.#queue.isEmpty) return;
    const bytes = items.reduce((sum, { events }) => sum + bytesOf(events), 0);
    if (this.#queue.bytes + bytes <= this.#maxBytes) return;
    throw new Error(`the bucket is busy: ${this.#queue.bytes} bytes wait for push tokens already`);
  }

  #drain(): void {
    this.#timer = undefined;
    const now = Date.now();
    for (let first = this.#queue.first; first !== undefined; first = this.#queue.first) {
      const wait = this.#wait(first, now);
      if (wait > 0) {
        this.#timer = setTimeout(() => this.#drain(), wait);
        return;
      }
      this.#queue.shift();
      this.#write(first);
      for (const resolve of first.written) resolve();
    }
  }

  /** Takes the token that a frame needs and returns 0, or returns how long to wait; a frame to nobody needs none. */
  #wait(frame: OutgoingFrame, now: number): number {
    const { to, events } = frame;
    const isForNobody = events.length === 0 || this.#isStale(frame) || !this.#hub.hasAny(to);
    return isForNobody ? 0 : this.#tokens.take(now);
  }

  #write(frame: OutgoingFrame): void {
    if (this.#isStale(frame)) return;
    const { to, events, control } = frame;
    if (control !== undefined && control.kind !== "unlink") this.#controls.carryOut(control);
    if (events.length > 0) {
      const text = frameOf(events);
      this.#hub.forEach(to, (channel) => {
        if (channel.isReady) channel.send(text);
      });
    }
    if (control?.kind === "unlink") this.#controls.carryOut(control);
    if (control !== undefined) this.#queue.seal();
  }

  #isStale({ control }: OutgoingFrame): boolean {
    return control !== undefined && this.#controls.isStale(control);
  }

  #addressees({ to }: OutgoingFrame): Addressee[] {
    const channels: Addressee[] = [];
    this.#hub.forEach(to, (channel) => channels.push(channel));
    return channels;
  }
}

/** A delivery's item as frames: one, unless its events are too much for it. An item with a control is never cut. */
function framesOf({ to, events, control }: DeliveryItem): OutgoingFrame[] {
  if (control !== undefined) return [{ to, events, control }];
  return frameRuns(events).map((run) => ({ to, events: run }));
}
