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

/** What one fetch returned. When it is full, each of its topics may hold more; otherwise it is all there is. */
export type Fetched = { records: LoggedRecord[]; full: boolean };

/** From this size on a fetch counts as full: half of what the gateway returns at most. */
const FULL_RECORDS = 1_000;
const FULL_BYTES = 1024 * 1024;

/** A place in a topic: the offset of the next record. */
export type Position = { topic: Topic; offset: number };

/** A part of the topics that hold more than has been committed. */
export type LagPage = {
  /** May be empty although pages follow. */
  topics: Topic[];
  /** After what the next page begins; null when this page is the last. */
  next: string | null;
};

/** What the gateway returns for a page of lag, as far as it is used here. */
const LagBody = z.object({
  items: z.array(z.object({ topic: z.string() })),
  next: z.string().nullable(),
});

/** The waits between tries of `@upstash/kafka` (milliseconds), used for the request that it cannot make, too. */
const RETRY_WAITS_MS = [500, 1_000, 2_000, 4_000, 8_000];

/**
 * The log: one single-partition topic an object. Any number of topics goes into one request. Faults are thrown after
 * retries, about 15 s; a produce that throws may still have been written.
 */
export class MessageLog {
  readonly #kafka: Kafka;
  readonly #instance: string;
  readonly #url: string;
  readonly #authorization: string;

  /** `instance` names this consumer in the log's own tools. */
  constructor(settings: z.infer<typeof KafkaSettings>, instance: string) {
    this.#kafka = new Kafka({
      url: settings.UPSTASH_KAFKA_REST_URL,
      username: settings.UPSTASH_KAFKA_REST_USERNAME,
      password: settings.UPSTASH_KAFKA_REST_PASSWORD,
    });
    this.#instance = instance;
    this.#url = settings.UPSTASH_KAFKA_REST_URL.replace(/\/$/, "");
    this.#authorization = `Basic ${btoa(`${settings.UPSTASH_KAFKA_REST_USERNAME}:${settings.UPSTASH_KAFKA_REST_PASSWORD}`)}`;
  }

  /** Returns once all records are durable, in the order given per topic. */
  async produce(records: TopicRecord[]): Promise<void> {
    await this.#kafka
      .producer()
      .produceMany(
        records.map(({ topic, record }) => ({ topic, partition: 0, value: JSON.stringify(record) })),
      );
  }

  /** The records from the positions on, in rising offset per topic; bounded, and shared fairly among the topics. */
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

  /** The offset that task has committed in each topic; 0 where it never committed one. */
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

  /**
   * The topics that hold more than has been committed, among the `limit` topics whose names come after `after`: "" for
   * the first page, then each page's `next`. One request. The route is our gateway's own: Upstash's protocol has none
   * that pages, so its client cannot reach it.
   */
  async lagging(after: string, limit: number): Promise<LagPage> {
    const query = new URLSearchParams({ limit: String(limit), ...(after !== "" && { after }) });
    const page = LagBody.parse(await this.#get(`lagging/${GROUP}?${query}`));
    return {
      topics: page.items.flatMap(({ topic }) => Topic.safeParse(topic).data ?? []),
      next: page.next,
    };
  }

  /** Returns when the log can be read. */
  async ping(): Promise<void> {
    await this.#kafka.admin().consumers();
  }

  async #get(path: string): Promise<unknown> {
    const headers = { authorization: this.#authorization };
    return await withRetries(async () => {
      const response = await fetch(`${this.#url}/${path}`, { headers });
      if (!response.ok) throw new Error(`The log returned ${response.status}: ${await response.text()}`);
      return await response.json();
    });
  }
}

/** Calls again after each failure, until the waits are used up; then throws what the last call threw. */
async function withRetries<Result>(call: () => Promise<Result>): Promise<Result> {
  for (const ms of RETRY_WAITS_MS) {
    try {
      return await call();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, ms));
    }
  }
  return await call();
}

/** A record that cannot be read must not stop its topic for ever: the drain sets it aside and goes on. */
function parseRecord(value: string): LogRecord | null {
  return LogRecord.safeParse(parseJson(value)).data ?? null;
}
