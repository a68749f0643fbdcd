import { setTimeout as sleep } from "node:timers/promises";
import { LogRequestError, LogUnavailable, type TopicPartition } from "../engine.ts";
import type { Brokers } from "./brokers.ts";
import { CODE, KafkaFault, mayPass } from "./faults.ts";
import { keyOf } from "./partition-key.ts";
import { type Batch, type Entry, PartitionQueue } from "./partition-queue.ts";
import { sendBatches } from "./produce-request.ts";
import { type Identity, ProducerIdentity } from "./producer-identity.ts";
import { waitBefore } from "./retry.ts";
import type { TopicDirectory } from "./topic-directory.ts";

const REQUEST_BYTES = 8 * 1024 * 1024;

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
 * Sends the entries of all partitions: at most one request under way to each broker, whose response decides what is sent
 * next. Entries that come meanwhile share the next request. A batch whose outcome is unknown is sent again under the
 * same number, and the broker writes it once. When the broker no longer knows the numbers (it forgets those of an idle
 * producer), the batch goes under a new epoch, but only if no attempt can have been written; otherwise its requests
 * fail.
 */
export class BatchSender {
  readonly #brokers: Brokers;
  readonly #topics: TopicDirectory;
  readonly #identity: ProducerIdentity;
  readonly #queues = new Map<string, PartitionQueue>();
  readonly #senders = new Map<number, Sender>();

  constructor(brokers: Brokers, topics: TopicDirectory) {
    this.#brokers = brokers;
    this.#topics = topics;
    this.#identity = new ProducerIdentity(brokers);
  }

  /** Sends an entry to its partition; its `resolve` or `reject` is called in the end. */
  send(to: TopicPartition, entry: Entry): void {
    const queue = this.#queue(to);
    queue.add(entry);
    if (!queue.held) this.#enqueue(queue);
  }

  #queue({ topic, partition }: TopicPartition): PartitionQueue {
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
        await this.#request(leader, this.#gather(sender, identity));
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

  async #request(leader: number, batches: ReadonlyMap<PartitionQueue, Batch>): Promise<void> {
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
