import type { Control, Recipients } from "../schema/internal/recipients.ts";
import { MAX_FRAME_TEXT, textLength } from "./frame.ts";

/** Something that is to be written as one frame, or a control that has to wait for its turn. */
export type Push = { to: Recipients; events: string[]; control?: Control | undefined };

/** A push in the queue, at its place; places only rise. */
export type QueuedPush = Push & { place: number; length: number; written: (() => void)[] };

/** Somebody a queued push is for, with the place of the last one. */
export type Addressee = { queuedAt: number };

/**
 * What waits for push tokens: first in, first out, and one frame a push. A push joins an earlier one for the same
 * recipients when nothing that waits in between is for any of them, so limiting turns into batching and still each
 * addressee gets everything in the order in which it came.
 */
export class PushQueue {
  #pushes: QueuedPush[] = [];
  #head = 0;
  #lastPlace = 0;
  /** By recipients, the last push that may still take more. */
  readonly #open = new Map<string, QueuedPush>();
  #length = 0;

  get isEmpty(): boolean {
    return this.#head === this.#pushes.length;
  }

  /** How much text is waiting. */
  get length(): number {
    return this.#length;
  }

  get first(): QueuedPush | undefined {
    return this.#pushes[this.#head];
  }

  /** Puts a push in; answers the queued push with which it will be written. */
  add(push: Push, addressees: Iterable<Addressee>): QueuedPush {
    const length = textLength(push.events);
    const everybody = [...addressees];
    this.#length += length;
    const key = recipientsKey(push.to);
    const earlier = push.control === undefined ? this.#joinable(key, length, everybody) : undefined;
    if (earlier !== undefined) {
      earlier.events.push(...push.events);
      earlier.length += length;
      for (const addressee of everybody) addressee.queuedAt = earlier.place;
      return earlier;
    }
    this.#lastPlace += 1;
    const queued = { ...push, events: [...push.events], place: this.#lastPlace, length, written: [] };
    this.#pushes.push(queued);
    for (const addressee of everybody) addressee.queuedAt = queued.place;
    // A control changes who the recipients are: nothing after it may go out with what was before it.
    if (push.control === undefined) this.#open.set(key, queued);
    else this.seal();
    return queued;
  }

  /** Takes the first push out. */
  shift(): void {
    const first = this.first;
    if (first === undefined) return;
    this.#length -= first.length;
    const key = recipientsKey(first.to);
    if (this.#open.get(key) === first) this.#open.delete(key);
    this.#head += 1;
    if (this.#head === this.#pushes.length) {
      this.#pushes = [];
      this.#head = 0;
    } else if (this.#head >= 1_024 && this.#head * 2 >= this.#pushes.length) {
      this.#pushes = this.#pushes.slice(this.#head);
      this.#head = 0;
    }
  }

  /** From now on nothing joins what is waiting: the recipients have changed, so places say nothing about them. */
  seal(): void {
    this.#open.clear();
  }

  #joinable(key: string, length: number, addressees: Addressee[]): QueuedPush | undefined {
    const open = this.#open.get(key);
    if (open === undefined || open.length + length > MAX_FRAME_TEXT) return undefined;
    return addressees.every(({ queuedAt }) => queuedAt <= open.place) ? open : undefined;
  }
}

function recipientsKey(to: Recipients): string {
  return to.kind === "group" ? `group:${to.groupId}` : `users:${to.userIds.join()}`;
}
