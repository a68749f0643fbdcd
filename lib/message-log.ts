import { Kafka } from "@upstash/kafka";
import { z } from "zod";
import { LogRecord } from "../schema/internal/log-record.ts";
import { Topic } from "../schema/internal/topic.ts";
import { parseJson } from "./parse-json.ts";
import { type Place, placeOf, TopicLayout } from "./topic.ts";

export const KafkaSettings = z.object({
  UPSTASH_KAFKA_REST_URL: z.url(),
  UPSTASH_KAFKA_REST_USERNAME: z.string().min(1),
  UPSTASH_KAFKA_REST_PASSWORD: z.string().min(1),
  TOPIC_LAYOUT: TopicLayout.default("object"),
});

/** The consumer group under which task commits its offsets; Kafka tools show its lag. */
const GROUP = "task";

/** A record on its way into its place. */
export type PlacedRecord = Place & { record: LogRecord };

/** A record in the log, with its place. */
export type ReadableRecord = { topic: Topic; offset: number; record: LogRecord };

/** A record read from the log: `record` is null, and `value` the text, when it does not parse. */
export type LoggedRecord = ReadableRecord | { topic: Topic; offset: number; record: null; value: string };

/** An offset, as the log returns it for a record that it has written. */
const Offset = z.int().min(0);

/** The result of one fetch. When it is `full`, each of its topics may hold more records; otherwise none does. */
export type Fetched = { records: LoggedRecord[]; full: boolean };

/** A fetch of at least this size counts as full. The gateway returns at most twice this many records. */
const FULL_RECORDS = 1_000;
const FULL_BYTES = 1024 * 1024;

/** A place in a topic: the offset of the next record. */
export type Position = { topic: Topic; offset: number };

/** How far task is behind in a topic: it has committed up to one offset, and the log ends at the other. */
export type Lag = { topic: Topic; committed: number; end: number };

/** One page of the topics that hold uncommitted records. */
export type LagPage = {
  /** May be empty although pages follow. */
  items: Lag[];
  /** The `after` of the next page; null when this page is the last. */
  next: string | null;
};

/** The fields of the gateway's lag page that are used here. */
const LagBody = z.object({
  items: z.array(z.object({ topic: z.string(), committed: z.int(), end: z.int() })),
  next: z.string().nullable(),
});

/** The waits between attempts (milliseconds): those of `@upstash/kafka`, used also for the request it cannot make. */
const RETRY_WAITS_MS = [500, 1_000, 2_000, 4_000, 8_000];

/**
 * The log: single-partition topics, one for each group and each user, or for a share of them. One request takes any number of topics. Faults are
 * thrown after retries, about 15 s; the records of a produce that throws may have been written nevertheless.
 */
export class MessageLog {
  readonly #kafka: Kafka;
  readonly #instance: string;
  readonly #url: string;
  readonly #authorization: string;
  readonly #layout: TopicLayout;

  /** `instance` names this consumer in Kafka tools. */
  constructor(settings: z.infer<typeof KafkaSettings>, instance: string) {
    this.#kafka = new Kafka({
      url: settings.UPSTASH_KAFKA_REST_URL,
      username: settings.UPSTASH_KAFKA_REST_USERNAME,
      password: settings.UPSTASH_KAFKA_REST_PASSWORD,
    });
    this.#instance = instance;
    this.#layout = settings.TOPIC_LAYOUT;
    this.#url = settings.UPSTASH_KAFKA_REST_URL.replace(/\/$/, "");
    this.#authorization = `Basic ${btoa(`${settings.UPSTASH_KAFKA_REST_USERNAME}:${settings.UPSTASH_KAFKA_REST_PASSWORD}`)}`;
  }

  /** Where the records of the object are that has this topic as its own. */
  place(own: Topic): Place {
    return placeOf(own, this.#layout);
  }

  /** Returns once all records are durable, with their offsets. Records of one topic keep the order given. */
  async produce(records: PlacedRecord[]): Promise<ReadableRecord[]> {
    const written = await this.#kafka.producer().produceMany(
      records.map(({ topic, key, record }) => ({
        ...{ topic, partition: 0, value: JSON.stringify(record) },
        ...(key !== undefined && { key }),
      })),
    );
    return records.map(({ topic, record }, index) => ({
      topic,
      offset: Offset.parse(written[index]?.offset),
      record,
    }));
  }

  /** Reads records from the positions on, by ascending offset in each topic. Bounded, and fair between the topics. */
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
      records: found.map(({ topic, offset, value }) => loggedRecord(Topic.parse(topic), offset, value)),
      full: found.length >= FULL_RECORDS || bytes >= FULL_BYTES,
    };
  }

  /** The offset that task has committed in each topic; 0 when it has not committed any. */
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
   * The topics that hold uncommitted records, among the first `limit` topics whose names come after `after`: "" for the
   * first page, then each page's `next`. One request. Upstash's protocol has no paged route for lag and its client no
   * method, so this calls a route of our gateway directly.
   */
  async lagging(after: string, limit: number): Promise<LagPage> {
    const query = new URLSearchParams({ limit: String(limit), ...(after !== "" && { after }) });
    const page = LagBody.parse(await this.#get(`lagging/${GROUP}?${query}`));
    return {
      items: page.items.flatMap(({ topic, committed, end }): Lag[] => {
        const own = Topic.safeParse(topic).data;
        return own === undefined ? [] : [{ topic: own, committed: Math.max(0, committed), end }];
      }),
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

/** Retries `call` after each failure, once for each wait; throws what the last attempt threw. */
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

/** No error for one that does not parse: it must not stop its topic for ever. The drain sets it aside. */
function loggedRecord(topic: Topic, offset: number, value: string): LoggedRecord {
  const record = LogRecord.safeParse(parseJson(value)).data;
  return record === undefined ? { topic, offset, record: null, value } : { topic, offset, record };
}
