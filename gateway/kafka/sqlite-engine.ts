import {
  type LagPage,
  type LogEngine,
  LogRequestError,
  type NewRecord,
  type OffsetQuery,
  type Placed,
  type StoredRecord,
  type TopicOffset,
  type TopicPartition,
} from "./engine.ts";
import { fairShare, type ShareSource } from "./fair-share.ts";
import { FETCH_LIMITS } from "./fetch-limits.ts";
import { GroupCommit } from "./group-commit.ts";
import { Retention, type RetentionPolicy } from "./retention.ts";
import { SqliteStore } from "./sqlite-store.ts";
import { TopicWaiters } from "./topic-waiters.ts";

type Write =
  | { readonly kind: "produce"; readonly records: readonly NewRecord[] }
  | { readonly kind: "commit"; readonly group: string; readonly offsets: readonly TopicOffset[] };

/** The embedded log: one SQLite file, one partition per topic. Acknowledged writes survive a crash and a power cut. */
export class SqliteLog implements LogEngine {
  readonly #store: SqliteStore;
  readonly #writes: GroupCommit<Write, readonly Placed[]>;
  readonly #waiters = new TopicWaiters();
  readonly #retention: Retention;
  #fetches = 0;
  #closed = false;

  constructor(file: string, retention: RetentionPolicy) {
    this.#store = new SqliteStore(file);
    this.#writes = new GroupCommit((writes) => this.#write(writes));
    this.#retention = new Retention(this.#store, retention);
    this.#retention.check(Date.now());
  }

  async topics(): Promise<ReadonlyMap<string, number>> {
    return new Map(this.#store.topicNames().map((name) => [name, 1]));
  }

  async produce(records: readonly NewRecord[]): Promise<readonly Placed[]> {
    for (const { topic, partition = 0 } of records) requirePartition({ topic, partition });
    const placed = await this.#writes.submit({ kind: "produce", records });
    for (const topic of new Set(records.map((record) => record.topic))) this.#waiters.wake(topic);
    this.#retention.check(Date.now());
    return placed;
  }

  async fetch(
    from: readonly TopicOffset[],
    waitMs: number,
    signal: () => AbortSignal,
  ): Promise<readonly StoredRecord[]> {
    from.forEach(requirePartition);
    let records = this.#read(from);
    if (records.length > 0 || waitMs <= 0) return records;
    const topics = from.map(({ topic }) => topic);
    const deadline = performance.now() + waitMs;
    const given = signal();
    // In a loop, because a record wakes every fetch of its topic, also one that waits for a later offset.
    for (let left = waitMs; left > 0 && records.length === 0; left = deadline - performance.now()) {
      await this.#waiters.wait(topics, left, given);
      if (this.#closed || given.aborted) return [];
      records = this.#read(from);
    }
    return records;
  }

  async offsets(of: readonly TopicPartition[], query: OffsetQuery): Promise<readonly TopicOffset[]> {
    of.forEach(requirePartition);
    return of.map(({ topic: name, partition }) => ({
      topic: name,
      partition,
      offset: this.#offset(name, query),
    }));
  }

  async commit(group: string, offsets: readonly TopicOffset[]): Promise<void> {
    offsets.forEach(requirePartition);
    await this.#writes.submit({ kind: "commit", group, offsets });
  }

  async committed(group: string, of?: readonly TopicPartition[]): Promise<readonly TopicOffset[]> {
    if (of === undefined) return this.#store.allCommitted(group);
    of.forEach(requirePartition);
    return of.flatMap(({ topic, partition }) => {
      const offset = this.#store.committed(group, topic);
      return offset === undefined ? [] : [{ topic, partition, offset }];
    });
  }

  async lagging(group: string, after: string, limit: number): Promise<LagPage> {
    const topics = this.#store.progress(group, after, limit);
    return {
      items: topics
        .filter(({ start, committed, end }) => end > Math.max(start, committed))
        .map(({ name, committed, end }) => ({ topic: name, partition: 0, committed, end })),
      next: topics.length < limit ? null : (topics.at(-1)?.name ?? null),
    };
  }

  queues(): Readonly<Record<string, number>> {
    return { writes: this.#writes.length, topics_waited_for: this.#waiters.topics };
  }

  async ping(): Promise<void> {
    this.#store.topic("");
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#waiters.wakeAll();
    this.#writes.flush();
    this.#retention.stop();
    this.#store.close();
  }

  #write(writes: readonly Write[]): readonly (readonly Placed[])[] {
    const now = Date.now();
    return this.#store.transaction(() =>
      writes.map((write) => {
        if (write.kind === "produce") return write.records.map((record) => this.#store.append(record, now));
        for (const { topic, offset } of write.offsets) this.#store.commit(write.group, topic, offset);
        return [];
      }),
    );
  }

  #read(from: readonly TopicOffset[]): StoredRecord[] {
    const sources = from.flatMap(({ topic: name, offset }): ShareSource<StoredRecord>[] => {
      const topic = this.#store.topic(name);
      const start = Math.max(offset, topic?.start ?? 0);
      return topic === undefined || start >= topic.end ? [] : [this.#store.read(topic, start)];
    });
    if (sources.length === 0) return [];
    // Each fetch begins with another source, so that all get their turn when not all fit into one response.
    const first = this.#fetches++ % sources.length;
    return fairShare([...sources.slice(first), ...sources.slice(0, first)], FETCH_LIMITS);
  }

  #offset(name: string, query: OffsetQuery): number {
    const topic = this.#store.topic(name);
    if (topic === undefined) return 0;
    if (query === "earliest") return topic.start;
    return query === "latest" ? topic.end : this.#store.offsetSince(topic, query);
  }
}

function requirePartition({ topic, partition }: TopicPartition): void {
  if (partition !== 0)
    throw new LogRequestError(`Topic ${topic} has no partition ${partition}: its only one is 0`);
}
