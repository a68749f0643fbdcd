import { Kafka } from "@upstash/kafka";
import { z } from "zod";
import { LogRecord } from "../schema/internal/log-record.ts";
import { Topic } from "../schema/internal/topic.ts";
import { parseJson } from "./parse-json.ts";

export const KafkaSettings = z.object({
  UPSTASH_KAFKA_REST_URL: z.url(),
  UPSTASH_KAFKA_REST_USERNAME: z.string().min(1),
  UPSTASH_KAFKA_REST_PASSWORD: z.string().min(1),
});

/** The consumer group under which task commits, so that any Kafka tool shows the true lag. */
const GROUP = "task";

/** An operation on its way into a topic. */
export type TopicRecord = { topic: Topic; record: LogRecord };

/** A record as it is in the log: `record` is null when it cannot be read as one. */
export type LoggedRecord = { topic: Topic; offset: number; value: string; record: LogRecord | null };

/** An answer of the log. When it is full there may be more of every topic in it; else it holds all there is. */
export type Fetched = { records: LoggedRecord[]; full: boolean };

/** From where on an answer counts as full: half of what the gateway puts into one at the most. */
const FULL_RECORDS = 1_000;
const FULL_BYTES = 1024 * 1024;

/** A place in a topic: the offset of the next record. */
export type Position = { topic: Topic; offset: number };

/**
 * The log: one single-partition topic an object. Any number of topics goes into one request. Faults are thrown after
 * the client's own retries, about 15 s; a produce that was thrown may still have been written.
 */
export class MessageLog {
  readonly #kafka: Kafka;
  readonly #instance: string;

  /** `instance` names this consumer in the log's own tools. */
  constructor(settings: z.infer<typeof KafkaSettings>, instance: string) {
    this.#kafka = new Kafka({
      url: settings.UPSTASH_KAFKA_REST_URL,
      username: settings.UPSTASH_KAFKA_REST_USERNAME,
      password: settings.UPSTASH_KAFKA_REST_PASSWORD,
    });
    this.#instance = instance;
  }

  /** Answers once all records are durable, in the order given per topic. */
  async produce(records: TopicRecord[]): Promise<void> {
    await this.#kafka
      .producer()
      .produceMany(
        records.map(({ topic, record }) => ({ topic, partition: 0, value: JSON.stringify(record) })),
      );
  }

  /** What lies at and after the positions, in rising offset per topic; bounded, and shared fairly among the topics. */
  async fetch(positions: Position[]): Promise<Fetched> {
    const found = await this.#kafka.consumer().fetch(
      {
        topicPartitionOffsets: positions.map(({ topic, offset }) => ({ topic, partition: 0, offset })),
        timeout: 0,
      },
      { parallel: false },
    );
    const bytes = found.reduce((sum, { value }) => sum + value.length, 0);
    return {
      records: found.map(({ topic, offset, value }) => ({
        topic: Topic.parse(topic),
        offset,
        value,
        record: parseRecord(value),
      })),
      full: found.length >= FULL_RECORDS || bytes >= FULL_BYTES,
    };
  }

  /** Where task stands in each topic; a topic that was never committed stands at 0. */
  async committed(topics: Topic[]): Promise<Map<Topic, number>> {
    const offsets = await this.#kafka.consumer().committed({
      consumerGroupId: GROUP,
      instanceId: this.#instance,
      topicPartitions: topics.map((topic) => ({ topic, partition: 0 })),
    });
    const known = new Map<string, number>(offsets.map(({ topic, offset }) => [topic, offset]));
    return new Map(topics.map((topic) => [topic, Math.max(0, known.get(topic) ?? 0)]));
  }

  /** Commits the offsets of the next records to drain. */
  async commit(positions: Position[]): Promise<void> {
    await this.#kafka.consumer().commit({
      consumerGroupId: GROUP,
      instanceId: this.#instance,
      offset: positions.map(({ topic, offset }) => ({ topic, partition: 0, offset })),
    });
  }

  /** Every topic that holds more than has been committed. Three requests, whatever there is. */
  async lagging(): Promise<Topic[]> {
    const admin = this.#kafka.admin();
    const topics = Object.keys(await admin.topics()).flatMap((name) => Topic.safeParse(name).data ?? []);
    if (topics.length === 0) return [];
    const [ends, committed] = await Promise.all([
      admin.topicPartitionOffsets({
        timestamp: "latest",
        topicPartitions: topics.map((topic) => ({ topic, partition: 0 })),
      }),
      this.committed(topics),
    ]);
    const end = new Map<string, number>(ends.map(({ topic, offset }) => [topic, offset]));
    return topics.filter((topic) => (end.get(topic) ?? 0) > (committed.get(topic) ?? 0));
  }

  /** Answers when the log does. */
  async ping(): Promise<void> {
    await this.#kafka.admin().consumers();
  }
}

/** A record that cannot be read must not stop its topic for ever: the drain sets it aside and goes on. */
function parseRecord(value: string): LogRecord | null {
  return LogRecord.safeParse(parseJson(value)).data ?? null;
}
