import { Batcher } from "../lib/batcher.ts";
import type { Log } from "../lib/log.ts";
import { Problem, problemDocument } from "../lib/problem.ts";
import type { LogicRpc } from "../lib/rpc/logic.ts";
import type { Outcome } from "../lib/rpc/outcome.ts";
import { type ClientFrame, isOperation, type Operation } from "../schema/wire/operation.ts";
import { CLOSE, type Close, MAX_FRAME_BYTES, type ServerEvent } from "../schema/wire/socket.ts";
import type { BucketSettings } from "./bucket-settings.ts";
import type { Channel } from "./channel.ts";
import { frameBytes, readFrame } from "./client-frame.ts";
import type { Person } from "./person.ts";

/** The most frames handed over in one call, and the most bytes of them: a call is bounded by the platform. */
const MOST = { items: 500, weight: 4 * 1024 * 1024 };

/** What a waiting frame counts at least, in bytes: about what its object takes in memory beside its text. */
const LEAST_BYTES = 256;

/** A frame, with the socket that has sent it. */
type Sent = { channel: Channel; frame: ClientFrame };

/** Takes what clients send, hands it over to logic in fair batches, and reports the outcomes. */
export class Inbox {
  readonly #logic: LogicRpc;
  readonly #settings: BucketSettings;
  readonly #hangUp: (channel: Channel, close: Close) => void;
  readonly #log: Log;
  readonly #batcher: Batcher<Channel, Sent>;

  /** `hangUp` closes a socket for good: no frame of it comes any more. */
  constructor(
    logic: LogicRpc,
    settings: BucketSettings,
    hangUp: (channel: Channel, close: Close) => void,
    log: Log,
  ) {
    this.#logic = logic;
    this.#settings = settings;
    this.#hangUp = hangUp;
    this.#log = log;
    this.#batcher = new Batcher(
      (batch) => this.#submit(batch),
      (batch, fault) => this.#submitFailed(batch, fault),
      MOST,
    );
  }

  /** A frame has come from a socket of somebody. */
  receive(channel: Channel, person: Person, frame: string | ArrayBuffer, now: number): void {
    const bytes = frameBytes(frame);
    if (bytes > MAX_FRAME_BYTES) this.#hangUp(channel, CLOSE.frameTooLarge);
    else if (channel.limits.allows(bytes, now) && person.limits.allows(bytes, now))
      this.#take(channel, person, frame, bytes, now);
    else this.#shed(channel, CLOSE.tooManyFrames);
  }

  #take(channel: Channel, person: Person, frame: string | ArrayBuffer, bytes: number, now: number): void {
    channel.seen(now);
    const read = readFrame(frame);
    if (read.ok) {
      const { frame } = read;
      const delay = isOperation(frame) ? person.limits.delayOfOperation(now) : 0;
      if (isOperation(frame) && delay > 0) {
        channel.report(rejectedForNow(frame, delay));
        return;
      }
      this.#batcher.add(channel, { channel, frame }, Math.max(bytes, LEAST_BYTES));
      this.#keepBounds(channel);
    } else {
      channel.report(read.report);
      if (!channel.badFrames.forgives(now)) this.#hangUp(channel, CLOSE.badFrames);
    }
  }

  /** Over the bucket's bound, the socket with the most waiting is closed, not the one that sent last. */
  #keepBounds(sender: Channel): void {
    const { waiting } = this.#batcher;
    const { MAX_INBOUND_BYTES_PER_SOCKET, MAX_INBOUND_BYTES_PER_BUCKET } = this.#settings;
    if (waiting.weightOf(sender) > MAX_INBOUND_BYTES_PER_SOCKET) this.#shed(sender, CLOSE.tooManyFrames);
    while (waiting.weight > MAX_INBOUND_BYTES_PER_BUCKET) {
      const heaviest = waiting.heaviest();
      if (heaviest === undefined) return;
      this.#shed(heaviest, CLOSE.tooManyFrames);
    }
  }

  /** Closes a socket and drops what waits of it: all of its frames from one on, so that none overtakes another. */
  #shed(channel: Channel, close: Close): void {
    this.#batcher.waiting.drop(channel);
    this.#hangUp(channel, close);
  }

  async #submit(batch: Sent[]): Promise<void> {
    const outcomes = await this.#logic.submit(
      batch.map(({ channel, frame }) => ({ userId: channel.userId, frame })),
    );
    if (outcomes.length !== batch.length) throw new Error("logic has not returned an outcome for each frame");
    const reports = outcomes.flatMap((outcome, index) => {
      const sent = batch[index];
      if (sent === undefined) return [];
      const event = outcomeEvent(sent.frame, outcome);
      return event === undefined ? [] : [{ channel: sent.channel, event }];
    });
    sendReports(reports);
  }

  /**
   * Whether the operations are in the log is unknown: their sockets are closed, and their clients submit them again,
   * before anything that they had sent after them. Signals were not logged, so their sockets stay.
   */
  #submitFailed(batch: Sent[], fault: unknown): void {
    this.#log.error("submit failed", fault, { frames: batch.length });
    const operations = batch.filter(({ frame }) => isOperation(frame));
    for (const channel of new Set(operations.map((sent) => sent.channel))) {
      this.#shed(channel, CLOSE.tryAgainLater);
    }
    const event: ServerEvent = { ev: "error", problem: problemDocument("unavailable") };
    const signals = batch.filter(({ frame }) => !isOperation(frame));
    sendReports(signals.map(({ channel }) => ({ channel, event })));
  }
}

/** The rejection of an operation over the account's limit: it may be sent again after so many milliseconds. */
function rejectedForNow({ clientId }: Operation, delay: number): ServerEvent {
  const problem = problemDocument("rate_limited");
  return { ev: "rejected", clientId, problem, retryAfter: Math.ceil(delay / 1000) };
}

/** What a client gets to know of a frame's outcome: nothing of a signal that was accepted. */
function outcomeEvent(frame: ClientFrame, outcome: Outcome<null>): ServerEvent | undefined {
  if (!isOperation(frame)) {
    return outcome.ok ? undefined : { ev: "error", problem: Problem.of(outcome).document() };
  }
  const { clientId, conversation } = frame;
  return outcome.ok
    ? { ev: "accepted", clientId, conversation }
    : { ev: "rejected", clientId, problem: Problem.of(outcome).document() };
}

/** Sends reports, in order, one frame a socket. */
function sendReports(reports: { channel: Channel; event: ServerEvent }[]): void {
  for (const [channel, ofChannel] of Map.groupBy(reports, ({ channel }) => channel)) {
    channel.report(...ofChannel.map(({ event }) => event));
  }
}
