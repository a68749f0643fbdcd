import { Batcher } from "../lib/batcher.ts";
import type { Log } from "../lib/log.ts";
import { Problem, problemDocument } from "../lib/problem.ts";
import type { LogicRpc, ReadMarker, Submission } from "../lib/rpc/logic.ts";
import { CLOSE, type ClientFrame, type Close, type ServerEvent } from "../schema/wire/socket.ts";
import type { Channel } from "./channel.ts";
import { isTooLarge, readFrame } from "./client-frame.ts";
import { frameOf } from "./frame.ts";

/** The most operations handed over in one call, and the most text: a call is bounded by the platform. */
const MOST_OPERATIONS = 500;
const MOST_TEXT = 4 * 1024 * 1024;

type Sent<Operation> = { channel: Channel; operation: Operation; length: number };

/** Takes what clients send, hands it over to logic in batches, and answers. */
export class Inbox {
  readonly #logic: LogicRpc;
  readonly #hangUp: (channel: Channel, close: Close) => void;
  readonly #log: Log;
  readonly #sends: Batcher<Sent<Submission>>;
  readonly #reads: Batcher<Sent<ReadMarker>>;
  /** Sockets one of whose messages may be missing from the log: what they sent after it must not overtake it. */
  readonly #broken = new WeakSet<Channel>();

  /** `maxWaiting` bounds the text that waits for logic; `hangUp` closes a socket for good. */
  constructor(
    logic: LogicRpc,
    maxWaiting: number,
    hangUp: (channel: Channel, close: Close) => void,
    log: Log,
  ) {
    this.#logic = logic;
    this.#hangUp = hangUp;
    this.#log = log;
    const bounds = {
      items: MOST_OPERATIONS,
      weight: MOST_TEXT,
      waiting: maxWaiting,
      weigh: ({ length }: { length: number }) => length,
    };
    this.#sends = new Batcher<Sent<Submission>>(
      (batch) => this.#submit(batch),
      (batch, fault) => this.#submitFailed(batch, fault),
      bounds,
    );
    this.#reads = new Batcher<Sent<ReadMarker>>(
      (batch) => this.#read(batch),
      (batch, fault) => this.#readFailed(batch, fault),
      bounds,
    );
  }

  /** A frame has come from a socket. */
  receive(channel: Channel, frame: string | ArrayBuffer, now: number): void {
    if (isTooLarge(frame)) this.#hangUp(channel, CLOSE.frameTooLarge);
    else if (!channel.limits.allows(now)) this.#hangUp(channel, CLOSE.tooManyFrames);
    else this.#open(channel, frame, now);
  }

  #open(channel: Channel, frame: string | ArrayBuffer, now: number): void {
    channel.seen(now);
    const read = readFrame(frame);
    if (read.ok) {
      if (!this.#take(channel, read.frame, read.length)) this.#hangUp(channel, CLOSE.tryAgainLater);
    } else {
      channel.send(frameOf([JSON.stringify(read.answer)]));
      if (!channel.limits.forgives(now)) this.#hangUp(channel, CLOSE.badFrames);
    }
  }

  /** Puts an operation with its like; false when too much is waiting. */
  #take(channel: Channel, frame: ClientFrame, length: number): boolean {
    const { userId } = channel;
    switch (frame.op) {
      case "send": {
        const { conversation, clientId, content } = frame;
        const operation = { senderId: userId, conversation, clientId, content };
        return this.#sends.add({ channel, operation, length });
      }
      case "read": {
        const { conversation, seq } = frame;
        return this.#reads.add({ channel, operation: { userId, conversation, seq }, length });
      }
    }
  }

  async #submit(all: Sent<Submission>[]): Promise<void> {
    const batch = all.filter(({ channel }) => !this.#broken.has(channel));
    if (batch.length === 0) return;
    const outcomes = await this.#logic.submit(batch.map(({ operation }) => operation));
    answer(batch, ({ operation: { clientId, conversation } }, index) => {
      const outcome = outcomes[index] ?? { ok: false, problem: problemDocument("internal_error") };
      return outcome.ok
        ? { ev: "accepted", clientId, conversation }
        : { ev: "rejected", clientId, problem: outcome.problem };
    });
  }

  /** Whether the messages are in the log is unknown: their senders come back and send them again. */
  #submitFailed(batch: Sent<Submission>[], fault: unknown): void {
    this.#log.error("submit failed", fault, { messages: batch.length });
    for (const channel of new Set(batch.map((sent) => sent.channel))) {
      this.#broken.add(channel);
      this.#hangUp(channel, CLOSE.tryAgainLater);
    }
  }

  async #read(batch: Sent<ReadMarker>[]): Promise<void> {
    const outcomes = await this.#logic.read(batch.map(({ operation }) => operation));
    answer(batch, (_, index) => {
      const outcome = outcomes[index];
      return outcome === undefined || outcome.ok
        ? null
        : { ev: "error", problem: Problem.of(outcome).document() };
    });
  }

  #readFailed(batch: Sent<ReadMarker>[], fault: unknown): void {
    this.#log.error("read failed", fault, { markers: batch.length });
    answer(batch, () => ({ ev: "error", problem: problemDocument("unavailable") }));
  }
}

/** Sends the answers of a batch, one frame a socket. */
function answer<Operation>(
  batch: Sent<Operation>[],
  answerOf: (sent: Sent<Operation>, index: number) => ServerEvent | null,
): void {
  const answers = new Map<Channel, string[]>();
  for (const [index, sent] of batch.entries()) {
    const event = answerOf(sent, index);
    if (event === null) continue;
    const events = answers.get(sent.channel);
    const text = JSON.stringify(event);
    if (events === undefined) answers.set(sent.channel, [text]);
    else events.push(text);
  }
  for (const [channel, events] of answers) channel.send(frameOf(events));
}
