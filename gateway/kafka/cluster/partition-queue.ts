import { LogUnavailable, type TopicPartition } from "../engine.ts";
import type { Identity } from "./producer-identity.ts";
import { BATCH_BYTES, type EncodedRecord } from "./record-batch.ts";

/** Where the first record of an entry is. */
export interface Written {
  readonly offset: number;
  /** The time that the broker has set, when its topics have the time of writing. */
  readonly timestamp: number | undefined;
}

/** Records of one request for one partition, in one batch. */
export interface Entry {
  readonly records: readonly EncodedRecord[];
  readonly bytes: number;
  /** Shared by all entries of a request: when one fails, those not sent yet are not sent. */
  readonly request: { failure?: unknown };
  readonly deadline: number;
  /** Whether it is sent alone, because a batch with it was refused for its content. */
  alone: boolean;
  readonly resolve: (written: Written) => void;
  readonly reject: (reason: unknown) => void;
}

/** What is sent to a partition at once, and sent again unchanged until its outcome is known. */
export interface Batch {
  readonly entries: readonly Entry[];
  readonly records: readonly EncodedRecord[];
  readonly bytes: number;
  readonly identity: Identity;
  readonly sequence: number;
  attempts: number;
  /** Whether an attempt may have been written without a response. */
  uncertain: boolean;
}

/** The sequence numbers of Kafka's format, which begin again after the largest. */
const SEQUENCE_MASK = 0x7fff_ffff;

/**
 * The records on their way into one partition. There is at most one batch at a time, so the order of the records and of
 * the sequence numbers is that of the entries.
 */
export class PartitionQueue implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  batch: Batch | undefined;
  /** Whether the batch is in a request under way, or waits for its next attempt. */
  held = false;
  #waiting: Entry[] = [];
  #identity: Identity | undefined;
  #sequence = 0;

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  add(entry: Entry): void {
    this.#waiting.push(entry);
  }

  /** The batch to send: the one whose outcome is open, or a new one of what waits; undefined when there is none now. */
  next(identity: Identity, now: number): Batch | undefined {
    if (this.held) return undefined;
    if (this.batch !== undefined) return this.batch;
    const entries = this.#take(now);
    if (entries.length === 0) return undefined;
    if (this.#identity !== identity) this.#sequence = 0;
    this.#identity = identity;
    this.batch = {
      entries,
      records: entries.flatMap(({ records }) => records),
      bytes: entries.reduce((sum, { bytes }) => sum + bytes, 0),
      ...{ identity, sequence: this.#sequence, attempts: 0, uncertain: false },
    };
    return this.batch;
  }

  /** The batch has been written from `offset` on. */
  written(batch: Batch, offset: number, timestamp: number | undefined): void {
    this.#forget();
    this.#sequence = (batch.sequence + batch.records.length) & SEQUENCE_MASK;
    let next = offset;
    for (const { records, resolve } of batch.entries) {
      resolve({ offset: next, timestamp });
      next += records.length;
    }
  }

  /** The batch has failed for good: its entries too. */
  failed(batch: Batch, reason: unknown): void {
    this.#forget();
    for (const { request, reject } of batch.entries) {
      request.failure ??= reason;
      reject(reason);
    }
  }

  /** The batch was surely not written: its entries go into new batches, each `alone` or together again. */
  again(batch: Batch, { alone }: { alone: boolean }): void {
    this.#forget();
    this.#waiting.unshift(...batch.entries);
    if (alone) for (const entry of batch.entries) entry.alone = true;
  }

  /** Rejects what waits. */
  drop(reason: unknown): void {
    for (const { reject } of this.#waiting) reject(reason);
    this.#waiting = [];
  }

  #forget(): void {
    this.batch = undefined;
    this.held = false;
  }

  /** The next entries that fit into one batch. Entries that are too late, or whose request has failed, are rejected. */
  #take(now: number): Entry[] {
    const entries: Entry[] = [];
    let bytes = 0;
    let used = 0;
    for (const entry of this.#waiting) {
      const full = entries.length > 0 && (bytes + entry.bytes > BATCH_BYTES || entry.alone);
      if (full) break;
      used += 1;
      if (entry.request.failure !== undefined) entry.reject(entry.request.failure);
      else if (entry.deadline < now) entry.reject(new LogUnavailable("the time for writing is over"));
      else {
        entries.push(entry);
        bytes += entry.bytes;
        if (entry.alone) break;
      }
    }
    this.#waiting = this.#waiting.slice(used);
    return entries;
  }
}
