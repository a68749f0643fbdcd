import type { Control, Recipients } from "../schema/internal/recipients.ts";
import { bytesOf, MAX_GATHERED_BYTES } from "./frame.ts";

/** Something that is to be written as one frame, or a control that has to wait for its turn. */
export type OutgoingFrame = { to: Recipients; events: string[]; control?: Control | undefined };

/** A frame in the queue, at its place; places only rise. */
export type QueuedFrame = OutgoingFrame & { place: number; bytes: number; written: (() => void)[] };

/** Somebody a queued frame is for, with the place of the last one. */
export type Addressee = { queuedAt: number };

/**
 * What waits for push tokens, first in, first out. What comes joins an earlier frame for the same recipients when
 * nothing that is queued in between is for any of them, so limiting turns into batching and still each addressee gets
 * everything in the order in which it came.
 *
 * An addressee who comes while frames wait has no place yet, and so does not keep them from being joined. It still gets
 * every conversation in order: a conversation goes to one set of recipients, whose frames are written in the order of
 * their places. Only between conversations may it get first what came later, and all of that is in what it reads
 * after its `ready`.
 */
export class FrameQueue {
  #frames: QueuedFrame[] = [];
  #head = 0;
  #lastPlace = 0;
  /** By recipients, the last frame that others may still join. */
  readonly #open = new Map<string, QueuedFrame>();
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#head === this.#frames.length;
  }

  /** How many bytes are waiting. */
  get bytes(): number {
    return this.#bytes;
  }

  get first(): QueuedFrame | undefined {
    return this.#frames[this.#head];
  }

  /** Puts a frame in; returns the queued frame with which it will be written. */
  add(frame: OutgoingFrame, addressees: Iterable<Addressee>): QueuedFrame {
    const bytes = bytesOf(frame.events);
    const everybody = [...addressees];
    this.#bytes += bytes;
    const key = recipientsKey(frame.to);
    const earlier = frame.control === undefined ? this.#joinable(key, bytes, everybody) : undefined;
    if (earlier !== undefined) {
      earlier.events.push(...frame.events);
      earlier.bytes += bytes;
      for (const addressee of everybody) addressee.queuedAt = earlier.place;
      return earlier;
    }
    this.#lastPlace += 1;
    const queued = { ...frame, events: [...frame.events], place: this.#lastPlace, bytes, written: [] };
    this.#frames.push(queued);
    for (const addressee of everybody) addressee.queuedAt = queued.place;
    // A control changes who the recipients are: nothing after it may go out with what was before it.
    if (frame.control === undefined) this.#open.set(key, queued);
    else this.seal();
    return queued;
  }

  /** Takes the first frame out. */
  shift(): void {
    const first = this.first;
    if (first === undefined) return;
    this.#bytes -= first.bytes;
    const key = recipientsKey(first.to);
    if (this.#open.get(key) === first) this.#open.delete(key);
    this.#head += 1;
    if (this.#head === this.#frames.length) {
      this.#frames = [];
      this.#head = 0;
    } else if (this.#head >= 1_024 && this.#head * 2 >= this.#frames.length) {
      this.#frames = this.#frames.slice(this.#head);
      this.#head = 0;
    }
  }

  /** From now on nothing joins what is waiting: a control has changed who the recipients are. */
  seal(): void {
    this.#open.clear();
  }

  #joinable(key: string, bytes: number, addressees: Addressee[]): QueuedFrame | undefined {
    const open = this.#open.get(key);
    if (open === undefined || open.bytes + bytes > MAX_GATHERED_BYTES) return undefined;
    return addressees.every(({ queuedAt }) => queuedAt <= open.place) ? open : undefined;
  }
}

function recipientsKey(to: Recipients): string {
  return to.kind === "group" ? `group:${to.groupId}` : `users:${to.userIds.join()}`;
}
