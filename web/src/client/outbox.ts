import type { ClientId } from "../../../schema/wire/ids.ts";
import type { Operation } from "../../../schema/wire/operation.ts";
import { waitBefore } from "./backoff.ts";
import type { OutboxStorage } from "./outbox-storage.ts";
import type { Refusal } from "./problem.ts";
import type { Frame } from "./socket.ts";
import type { Outgoing } from "./state.ts";

/** So many operations are unacknowledged at once: more would only fill the server's queue, and look like a flood. */
const WINDOW = 16;
/** A live socket on which no acknowledgement arrives for so long is given up; they are repeated on the next. */
const ANSWER_MS = 20_000;

/** What the outbox needs of its surroundings, and the callbacks it makes. */
export type OutboxPorts = {
  storage: Pick<OutboxStorage, "read" | "put" | "remove">;
  /** Sends a frame; false when there is no connection. */
  transmit: (frame: Frame) => boolean;
  /** An operation was added, or its progress changed. */
  changed: (outgoing: Outgoing) => void;
  /** No acknowledgement came in time. */
  stuck: () => void;
};

/**
 * The operations that the server has not acknowledged. They are sent in the order they were made and, on each
 * new connection, sent again under the same client id, which is the same operation to the server: so each is applied
 * once, whatever is lost on the way, a reload of the page included.
 */
export class Outbox {
  readonly #ports: OutboxPorts;
  /** In the order they were made. */
  readonly #outgoing: Map<ClientId, Outgoing>;
  readonly #unanswered = new Set<ClientId>();
  #connected = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Runs while the server wants nothing sent; undefined when it does not. */
  #pause: ReturnType<typeof setTimeout> | undefined;
  /** How often in a row the server was too busy. */
  #busy = 0;
  #last = 0;

  constructor(ports: OutboxPorts) {
    this.#ports = ports;
    this.#outgoing = new Map(ports.storage.read().map((outgoing) => [outgoing.operation.clientId, outgoing]));
    for (const outgoing of this.#outgoing.values()) {
      this.#last = outgoing.at;
      ports.changed(outgoing);
    }
  }

  /** Takes a new operation. */
  add(operation: Operation): void {
    this.#keep({ operation, at: this.#now(), state: "pending", problem: null });
    this.#pump();
  }

  /** Sends a failed operation again, after all that were made since. */
  retry(clientId: ClientId): void {
    const outgoing = this.#outgoing.get(clientId);
    if (outgoing?.state !== "failed") return;
    this.#outgoing.delete(clientId);
    this.#keep({ ...outgoing, at: this.#now(), state: "pending", problem: null });
    this.#pump();
  }

  /**
   * The connection is ready, or is gone. What is unacknowledged is sent again on each `ready`, also on one that comes
   * again on the same connection: what was sent before may be lost.
   */
  connected(connected: boolean): void {
    this.#connected = connected;
    this.#unanswered.clear();
    this.#watch();
  }

  /** Ends the timers; nothing is sent any more. */
  stop(): void {
    this.connected(false);
    clearTimeout(this.#pause);
    this.#pause = undefined;
  }

  /** All that is not acknowledged. */
  waiting(): ClientId[] {
    return [...this.#outgoing.keys()];
  }

  /** The server has it: accepted, or seen as a stored message. Also forgets one that was thrown away. */
  settle(clientId: ClientId): void {
    if (!this.#outgoing.delete(clientId)) return;
    this.#ports.storage.remove(clientId);
    this.#busy = 0;
    this.#answered(clientId);
  }

  /**
   * The server refused it. When the server is only busy, everything waits for as long as it says, then goes on in
   * order. Else it stays as failed, for the person to retry or discard.
   */
  refuse(clientId: string, refusal: Refusal): void {
    const outgoing = [...this.#outgoing.values()].find((waiting) => waiting.operation.clientId === clientId);
    if (outgoing === undefined) return;
    if (refusal.busy) this.#wait(refusal.retryAfter);
    else this.#keep({ ...outgoing, state: "failed", problem: refusal.problem });
    this.#answered(outgoing.operation.clientId);
  }

  /** Sends nothing for so many ms at least. A refusal during a wait is of an operation sent before it began. */
  #wait(atLeast: number): void {
    if (this.#pause === undefined) this.#busy += 1;
    clearTimeout(this.#pause);
    const wait = Math.max(atLeast, waitBefore(this.#busy, 0, Math.random()));
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      this.#pump();
    }, wait);
  }

  #answered(clientId: ClientId): void {
    this.#unanswered.delete(clientId);
    this.#watch();
  }

  /** Sends what may be sent, and begins the wait for acknowledgements anew. */
  #watch(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#pump();
  }

  /** Sends what may be sent now, and watches over the acknowledgements. */
  #pump(): void {
    for (const { operation, state } of this.#outgoing.values()) {
      if (!this.#connected || this.#pause !== undefined || this.#unanswered.size >= WINDOW) break;
      if (state !== "pending" || this.#unanswered.has(operation.clientId)) continue;
      if (!this.#ports.transmit(operation)) break;
      this.#unanswered.add(operation.clientId);
    }
    if (this.#unanswered.size > 0) this.#timer ??= setTimeout(() => this.#giveUp(), ANSWER_MS);
    else {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
  }

  #giveUp(): void {
    this.#timer = undefined;
    this.#ports.stuck();
  }

  #keep(outgoing: Outgoing): void {
    this.#outgoing.set(outgoing.operation.clientId, outgoing);
    this.#ports.storage.put(outgoing);
    this.#ports.changed(outgoing);
  }

  /** The time, but always later than that of the operation before. */
  #now(): number {
    this.#last = Math.max(Date.now(), this.#last + 1);
    return this.#last;
  }
}
