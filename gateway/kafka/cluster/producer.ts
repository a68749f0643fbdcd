import { setTimeout as sleep } from "node:timers/promises";
import {
  LogRequestError,
  LogUnavailable,
  type NewRecord,
  type Placed,
  type TopicPartition,
} from "../engine.ts";
import type { Brokers } from "./brokers.ts";
import { CODE, KafkaFault, mayPass } from "./faults.ts";
import { keyOf } from "./partition-key.ts";
import { type Batch, PartitionQueue, type Written } from "./partition-queue.ts";
import { sendBatches } from "./produce-request.ts";
import { type Identity, ProducerIdentity } from "./producer-identity.ts";
import { type EncodedRecord, encodeRecord, intoBatches } from "./record-batch.ts";
import { waitBefore } from "./retry.ts";
import type { TopicDirectory } from "./topic-directory.ts";

/** A record is retried for this long. */
const WRITE_WITHIN_MS = 10_000;
const REQUEST_BYTES = 8 * 1024 * 1024;
/** Records that may wait in memory; a produce beyond is refused. */
const QUEUED_BYTES = 64 * 1024 * 1024;

/** The batch is refused for what is in it, and nothing of it is written. */
const CONTENT = new Set<number>([
  CODE.messageTooLarge,
  CODE.recordListTooLarge,
  CODE.invalidTimestamp,
  CODE.invalidRecord,
]);
/** The broker does not continue the numbers of this producer: it has forgotten them, or it has seen newer ones. */
const STATE_LOST = new Set<number>([
  CODE.outOfOrderSequence,
  CODE.unknownProducer,
  CODE.invalidProducerEpoch,
]);
/** The batch may have been written all the same. */
const UNCERTAIN = new Set<number>([CODE.requestTimedOut, CODE.notEnoughReplicasAfterAppend]);

/** The requests to one broker: one at a time, of all that has gathered. */
interface Sender {
  busy: boolean;
  readonly ready: Set<PartitionQueue>;
}

/**
 * The idempotent producer: acks=all, at most one request under way to each broker, whose response decides what is sent
 * next. Records that come meanwhile share the next request. A batch whose outcome is unknown is sent again under the
 * same number, and the broker writes it once. When the broker no longer knows the numbers (it forgets those of an idle
 * producer), the batch goes under a new epoch, but only if no attempt can have been written; otherwise its requests
 * fail.
 */
export class Producer {
  readonly #brokers: Brokers;
  readonly #topics: TopicDirectory;
  readonly #identity: ProducerIdentity;
  readonly #queues = new Map<string, PartitionQueue>();
  readonly #senders = new Map<number, Sender>();
  readonly #writing = new Set<Promise<void>>();
  #queuedBytes = 0;

  constructor(brokers: Brokers, topics: TopicDirectory) {
    this.#brokers = brokers;
    this.#topics = topics;
    this.#identity = new ProducerIdentity(brokers);
  }

  /** The size of the records that wait to be written. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Writes records into partitions that exist; resolves with their places in the order given. */
  async produce(records: readonly (NewRecord & TopicPartition)[]): Promise<readonly Placed[]> {
    const now = Date.now();
    const encoded = records.map((record) => encodeRecord(record, record.partition, now));
    const bytes = encoded.reduce((sum, record) => sum + record.bytes, 0);
    if (this.#queuedBytes > 0 && this.#queuedBytes + bytes > QUEUED_BYTES)
      throw new LogUnavailable("too many records wait to be written");
    this.#queuedBytes += bytes;
    const done = Promise.withResolvers<void>();
    this.#writing.add(done.promise);
    try {
      const places = new Map<EncodedRecord, Written>();
      const request = {};
      const written = await Promise.allSettled(
        [...Map.groupBy(encoded, keyOf).values()]
          .flatMap(intoBatches)
          .map((part) => this.#write(part, request, places)),
      );
      const failed = written.find((each) => each.status === "rejected");
      if (failed !== undefined) throw failed.reason;
      return encoded.map((record) => {
        const place = places.get(record);
        if (place === undefined) throw new Error("A written record has no place");
        const { topic, partition = 0 } = record;
        return {
          topic,
          partition,
          offset: place.offset,
          timestamp: place.timestamp ?? Number(record.timestamp),
        };
      });
    } finally {
      this.#queuedBytes -= bytes;
      this.#writing.delete(done.promise);
      done.resolve();
    }
  }

  /** Resolves when nothing waits to be written. */
  async finish(): Promise<void> {
    while (this.#writing.size > 0) await Promise.allSettled(this.#writing);
  }

  async #write(
    records: readonly EncodedRecord[],
    request: { failure?: unknown },
    places: Map<EncodedRecord, Written>,
  ): Promise<void> {
    const [first] = records;
    if (first === undefined) return;
    const queue = this.#queue(first.topic, first.partition ?? 0);
    const { offset, timestamp } = await new Promise<Written>((resolve, reject) => {
      const bytes = records.reduce((sum, record) => sum + record.bytes, 0);
      const deadline = performance.now() + WRITE_WITHIN_MS;
      queue.add({ records, bytes, request, deadline, alone: false, resolve, reject });
      if (!queue.held) this.#enqueue(queue);
    });
    for (const [index, record] of records.entries())
      places.set(record, { offset: offset + index, timestamp });
  }

  #queue(topic: string, partition: number): PartitionQueue {
    const key = keyOf({ topic, partition });
    const queue = this.#queues.get(key) ?? new PartitionQueue(topic, partition);
    this.#queues.set(key, queue);
    return queue;
  }

  #enqueue(queue: PartitionQueue): void {
    const leader = this.#topics.leader(queue) ?? this.#brokers.ids[0] ?? 0;
    const sender = this.#senders.get(leader) ?? { busy: false, ready: new Set<PartitionQueue>() };
    this.#senders.set(leader, sender);
    sender.ready.add(queue);
    if (sender.busy) return;
    sender.busy = true;
    // In the next turn, so that records that come together share a request.
    setImmediate(() => void this.#run(leader, sender));
  }

  async #run(leader: number, sender: Sender): Promise<void> {
    while (sender.ready.size > 0) {
      try {
        const identity = await this.#identity.get();
        await this.#send(leader, this.#gather(sender, identity));
      } catch (error) {
        // Without an identity nothing can be written.
        for (const queue of sender.ready) {
          this.#fail(queue, error);
          queue.drop(error);
        }
        sender.ready.clear();
      }
    }
    sender.busy = false;
  }

  /** Takes what fits into one request. All its batches have the same identity, because the request has only one. */
  #gather(sender: Sender, current: Identity): Map<PartitionQueue, Batch> {
    const taken = new Map<PartitionQueue, Batch>();
    let identity: Identity | undefined;
    let bytes = 0;
    for (const queue of sender.ready) {
      const batch = queue.next(current, performance.now());
      if (batch === undefined) sender.ready.delete(queue);
      else if (identity === undefined || identity === batch.identity) {
        if (taken.size > 0 && bytes + batch.bytes > REQUEST_BYTES) break;
        identity = batch.identity;
        bytes += batch.bytes;
        taken.set(queue, batch);
        queue.held = true;
        sender.ready.delete(queue);
      }
    }
    return taken;
  }

  async #send(leader: number, batches: ReadonlyMap<PartitionQueue, Batch>): Promise<void> {
    const [first] = batches.values();
    if (first === undefined) return;
    const again: PartitionQueue[] = [];
    try {
      const results = await sendBatches(this.#brokers, leader, batches);
      for (const [queue, batch] of batches) {
        const result = results.get(keyOf(queue));
        if (result === undefined) throw new Error(`Kafka has left out topic ${queue.topic}`);
        if (result.errorCode === CODE.none) {
          const set = Number(result.logAppendTimeMs);
          queue.written(batch, Number(result.baseOffset), set < 0 ? undefined : set);
          this.#enqueue(queue);
        } else {
          const fault = new KafkaFault(
            result.errorCode,
            `Topic ${queue.topic} is not written`,
            result.errorMessage,
          );
          if (this.#refused(queue, batch, fault)) again.push(queue);
        }
      }
    } catch (error) {
      for (const [queue, batch] of batches)
        if (queue.batch === batch && this.#isTriedAgain(queue, batch, error, true)) again.push(queue);
    }
    const attempts = again.reduce((most, { batch }) => Math.max(most, batch?.attempts ?? 0), 0);
    if (again.length > 0) void this.#tryAgain(again, waitBefore(attempts - 1));
  }

  /** Returns whether the batch, unchanged, is tried again. */
  #refused(queue: PartitionQueue, batch: Batch, fault: KafkaFault): boolean {
    if (CONTENT.has(fault.code)) {
      // Only the request with the bad record fails, not its neighbours in the batch.
      if (batch.entries.length > 1) queue.again(batch, { alone: true });
      else queue.failed(batch, new LogRequestError(fault.message));
    } else if (STATE_LOST.has(fault.code)) {
      this.#identity.renew(batch.identity);
      if (batch.uncertain) queue.failed(batch, new LogUnavailable(fault));
      else queue.again(batch, { alone: false });
    } else return this.#isTriedAgain(queue, batch, fault, UNCERTAIN.has(fault.code));
    this.#enqueue(queue);
    return false;
  }

  /** Whether the batch is sent again a little later; it fails when that cannot help or its time is over. */
  #isTriedAgain(queue: PartitionQueue, batch: Batch, error: unknown, uncertain: boolean): boolean {
    batch.uncertain ||= uncertain;
    batch.attempts += 1;
    const deadline = Math.min(...batch.entries.map((entry) => entry.deadline));
    if (mayPass(error) && performance.now() + waitBefore(batch.attempts) < deadline) return true;
    this.#fail(queue, mayPass(error) ? new LogUnavailable(error) : error);
    return false;
  }

  /** Sends batches again after a wait, to the leaders that their topics have then. */
  async #tryAgain(queues: readonly PartitionQueue[], wait: number): Promise<void> {
    await sleep(wait);
    const topics = queues.map(({ topic }) => topic);
    this.#topics.forget(topics);
    try {
      await this.#topics.find(topics);
      await this.#topics.ensure(topics);
    } catch {
      // Without a leader a batch goes to any broker, which refuses it, and it is tried again until its time is over.
    }
    for (const queue of queues) {
      queue.held = false;
      this.#enqueue(queue);
    }
  }

  #fail(queue: PartitionQueue, reason: unknown): void {
    const { batch } = queue;
    if (batch === undefined) return;
    queue.failed(batch, reason);
    // The number of a batch with an unknown outcome may be used: the next ones need another epoch.
    if (batch.uncertain) this.#identity.renew(batch.identity);
    this.#enqueue(queue);
  }
}
