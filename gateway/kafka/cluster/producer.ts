import { LogUnavailable, type NewRecord, type Placed, type TopicPartition } from "../engine.ts";
import { BatchSender } from "./batch-sender.ts";
import type { Brokers } from "./brokers.ts";
import { keyOf } from "./partition-key.ts";
import type { Written } from "./partition-queue.ts";
import { type EncodedRecord, encodeRecord, intoBatches } from "./record-batch.ts";
import type { TopicDirectory } from "./topic-directory.ts";

/** A record is retried for this long. */
const WRITE_WITHIN_MS = 10_000;
/** Records that may wait in memory; a produce beyond is refused. */
const QUEUED_BYTES = 64 * 1024 * 1024;

/**
 * The idempotent producer, with acks=all. It bounds the records in memory; {@link BatchSender} sends them, with those of
 * other produces.
 */
export class Producer {
  readonly #sender: BatchSender;
  readonly #writing = new Set<Promise<void>>();
  #queuedBytes = 0;

  constructor(brokers: Brokers, topics: TopicDirectory) {
    this.#sender = new BatchSender(brokers, topics);
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
    const { offset, timestamp } = await new Promise<Written>((resolve, reject) => {
      const bytes = records.reduce((sum, record) => sum + record.bytes, 0);
      const deadline = performance.now() + WRITE_WITHIN_MS;
      const entry = { records, bytes, request, deadline, alone: false, resolve, reject };
      this.#sender.send({ topic: first.topic, partition: first.partition ?? 0 }, entry);
    });
    for (const [index, record] of records.entries())
      places.set(record, { offset: offset + index, timestamp });
  }
}
