import type { DeliveryItem } from "../lib/rpc/bucket.ts";
import type { Control } from "../schema/internal/recipients.ts";
import { frameOf, frameRuns, textLength } from "./frame.ts";
import { type Push, PushQueue, type QueuedPush } from "./push-queue.ts";
import type { Roster } from "./roster.ts";
import type { TokenBucket } from "./token-bucket.ts";

/**
 * Writes what is delivered to the sockets that it is for, a push token a frame. Out of tokens, frames wait in the
 * queue, under a timer that exists only while something waits.
 */
export class Outbox {
  readonly #roster: Roster;
  readonly #tokens: TokenBucket;
  readonly #maxWaiting: number;
  readonly #carryOut: (control: Control) => void;
  readonly #queue = new PushQueue();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `maxWaiting` bounds the text that waits; `carryOut` is called for each control when its turn comes. */
  constructor(roster: Roster, tokens: TokenBucket, maxWaiting: number, carryOut: (control: Control) => void) {
    this.#roster = roster;
    this.#tokens = tokens;
    this.#maxWaiting = maxWaiting;
    this.#carryOut = carryOut;
  }

  /**
   * Takes a delivery, all of it or, over the bound, none: then it throws. Answers null when everything has been
   * written already, else a promise of it.
   */
  push(items: readonly DeliveryItem[]): Promise<void> | null {
    this.#checkBound(items);
    const now = Date.now();
    let last: QueuedPush | undefined;
    for (const item of items) {
      for (const push of pushesOf(item)) {
        if (this.#queue.isEmpty && this.#wait(push, now) === 0) {
          this.#write(push);
        } else {
          const queued = this.#queue.add(push, this.#addressees(push));
          if (last === undefined || queued.place > last.place) last = queued;
        }
      }
    }
    if (last === undefined) return null;
    const { written } = last;
    const done = new Promise<void>((resolve) => written.push(resolve));
    if (this.#timer === undefined) this.#drain();
    return done;
  }

  /** Somebody further gets what is pushed from here on: frames that wait take nothing more. */
  seal(): void {
    this.#queue.seal();
  }

  #checkBound(items: readonly DeliveryItem[]): void {
    if (this.#queue.isEmpty) return;
    const length = items.reduce((sum, { events }) => sum + textLength(events), 0);
    if (this.#queue.length + length <= this.#maxWaiting) return;
    throw new Error(`the bucket is busy: ${this.#queue.length} characters wait for push tokens already`);
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

  /** Takes the token that a push needs and answers 0, or answers how long to wait; a push to nobody needs none. */
  #wait({ to, events }: Push, now: number): number {
    return events.length === 0 || !this.#roster.hasAny(to) ? 0 : this.#tokens.take(now);
  }

  #write({ to, events, control }: Push): void {
    if (control !== undefined && control.kind !== "unlink") this.#carryOut(control);
    if (events.length > 0) {
      const frame = frameOf(events);
      this.#roster.forEach(to, (channel) => {
        if (channel.isReady) channel.send(frame);
      });
    }
    if (control?.kind === "unlink") this.#carryOut(control);
    if (control !== undefined) this.seal();
  }

  #addressees({ to }: Push) {
    const channels: { queuedAt: number }[] = [];
    this.#roster.forEach(to, (channel) => channels.push(channel));
    return channels;
  }
}

/** A delivery's item as frames: one, unless its events are too much for it; the control at its right end. */
function pushesOf({ to, events, control }: DeliveryItem): Push[] {
  const runs = frameRuns(events);
  const carrier = control?.kind === "unlink" ? runs.length - 1 : 0;
  return runs.map((run, index) => ({ to, events: run, control: index === carrier ? control : undefined }));
}
