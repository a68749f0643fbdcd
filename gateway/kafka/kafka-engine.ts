import type { Brokers } from "./cluster/brokers.ts";
import { Fetcher } from "./cluster/fetcher.ts";
import { groupLag } from "./cluster/group-lag.ts";
import { GroupOffsets } from "./cluster/group-offsets.ts";
import { OffsetFinder } from "./cluster/offset-finder.ts";
import { partitionOf } from "./cluster/partitioner.ts";
import { Producer } from "./cluster/producer.ts";
import { retried } from "./cluster/retry.ts";
import { TopicDirectory } from "./cluster/topic-directory.ts";
import { allTopics } from "./cluster/topic-pages.ts";
import {
  type LagPage,
  type LogEngine,
  LogRequestError,
  LogUnavailable,
  type NewRecord,
  type OffsetQuery,
  type Placed,
  type StoredRecord,
  type TopicOffset,
  type TopicPartition,
} from "./engine.ts";
import { FETCH_LIMITS } from "./fetch-limits.ts";
import { TopicWaiters } from "./topic-waiters.ts";

/** Requests that may be under way; further ones are refused, so that a slow cluster does not fill the memory. */
const MOST_REQUESTS = 2_000;
/** How soon a waiting fetch finds records that were not written through this engine. */
const POLL_MS = 250;
const LOOK_UP_WITHIN_MS = 10_000;

/**
 * The log on a Kafka cluster. What it promises beyond the interface's words, or short of them:
 *
 * - A produce is checked as a whole before anything is written. Then its records are written with acks=all, each once,
 *   in the order given in each partition. When it fails after that (a broker is lost for longer than 10 s, or refuses a
 *   record as too large), some of its records may have been written, of a partition always the first ones. Kafka's
 *   transactions would make that all or none, for a round trip more in every produce and fetch.
 * - It makes topics when they are first written to or committed, with one partition. Topics with more, made by others,
 *   can be used too.
 * - Records are kept as long as the brokers' settings say, also those that no group has committed.
 */
export class KafkaLog implements LogEngine {
  readonly #brokers: Brokers;
  readonly #topics: TopicDirectory;
  readonly #producer: Producer;
  readonly #offsets: OffsetFinder;
  readonly #fetcher: Fetcher;
  readonly #groups: GroupOffsets;
  readonly #waiters = new TopicWaiters();
  #requests = 0;
  #closed = false;

  /** `replication` is the number of replicas of new topics. */
  constructor(brokers: Brokers, replication: number) {
    this.#brokers = brokers;
    this.#topics = new TopicDirectory(brokers, replication);
    this.#producer = new Producer(brokers, this.#topics);
    this.#offsets = new OffsetFinder(brokers, this.#topics);
    this.#fetcher = new Fetcher(brokers, this.#topics, this.#offsets, FETCH_LIMITS);
    this.#groups = new GroupOffsets(brokers);
  }

  topics(): Promise<ReadonlyMap<string, number>> {
    return this.#admit(() => retried(LOOK_UP_WITHIN_MS, () => allTopics(this.#brokers)));
  }

  produce(records: readonly NewRecord[]): Promise<readonly Placed[]> {
    return this.#admit(async () => {
      await this.#requirePartitions(records);
      const topics = new Set(records.map(({ topic }) => topic));
      await this.#topics.ensure(topics);
      const placed = await this.#producer.produce(
        records.map((record) => ({
          ...record,
          partition: partitionOf(record, this.#topics.partitions(record.topic)),
        })),
      );
      for (const topic of topics) this.#waiters.wake(topic);
      return placed;
    });
  }

  fetch(
    from: readonly TopicOffset[],
    waitMs: number,
    signal: () => AbortSignal,
  ): Promise<readonly StoredRecord[]> {
    return this.#admit(async () => {
      await this.#requirePartitions(from);
      let records = await this.#fetcher.fetch(from);
      if (records.length > 0 || waitMs <= 0) return records;
      const topics = from.map(({ topic }) => topic);
      const deadline = performance.now() + waitMs;
      const given = signal();
      for (let left = waitMs; left > 0 && records.length === 0; left = deadline - performance.now()) {
        await this.#waiters.wait(topics, Math.min(left, POLL_MS), given);
        if (this.#closed || given.aborted) return [];
        records = await this.#fetcher.fetch(from);
      }
      return records;
    });
  }

  offsets(of: readonly TopicPartition[], query: OffsetQuery): Promise<readonly TopicOffset[]> {
    return this.#admit(async () => {
      await this.#requirePartitions(of);
      return await this.#offsets.find(of, query);
    });
  }

  commit(group: string, offsets: readonly TopicOffset[]): Promise<void> {
    return this.#admit(async () => {
      await this.#requirePartitions(offsets);
      // Kafka refuses offsets of topics that do not exist.
      await this.#topics.ensure(offsets.map(({ topic }) => topic));
      await this.#groups.commit(group, offsets);
    });
  }

  committed(group: string, of?: readonly TopicPartition[]): Promise<readonly TopicOffset[]> {
    return this.#admit(() => this.#groups.committed(group, of));
  }

  lagging(group: string, after: string, limit: number): Promise<LagPage> {
    const clients = { brokers: this.#brokers, offsets: this.#offsets, groups: this.#groups };
    return this.#admit(() => groupLag(clients, group, after, limit));
  }

  queues(): Readonly<Record<string, number>> {
    const { queuedBytes } = this.#producer;
    return { requests: this.#requests, topics_waited_for: this.#waiters.topics, bytes_to_write: queuedBytes };
  }

  ping(): Promise<void> {
    return this.#brokers.refresh();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#waiters.wakeAll();
    await this.#producer.finish();
    await this.#brokers.close();
  }

  /** Refuses partitions that a topic does not have, before it is made for one: new topics have only partition 0. */
  async #requirePartitions(of: readonly { topic: string; partition?: number | undefined }[]): Promise<void> {
    const unusual = of.filter(({ partition = 0 }) => partition > 0);
    if (unusual.length === 0) return;
    await retried(LOOK_UP_WITHIN_MS, () => this.#topics.find(unusual.map(({ topic }) => topic)));
    for (const { topic, partition = 0 } of unusual) {
      const count = Math.max(1, this.#topics.partitions(topic));
      if (partition >= count)
        throw new LogRequestError(
          `Topic ${topic} has no partition ${partition}: it has ${count}, numbered from 0`,
        );
    }
  }

  async #admit<Result>(request: () => Promise<Result>): Promise<Result> {
    if (this.#requests >= MOST_REQUESTS) throw new LogUnavailable("too many requests are under way");
    this.#requests += 1;
    try {
      return await request();
    } finally {
      this.#requests -= 1;
    }
  }
}
