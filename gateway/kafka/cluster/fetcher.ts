import { fetchV12 } from "@platformatic/kafka";
import type { StoredRecord, TopicOffset } from "../engine.ts";
import { fairShare, type ShareLimits } from "../fair-share.ts";
import type { Brokers } from "./brokers.ts";
import { CODE, KafkaFault, mayPass } from "./faults.ts";
import type { OffsetFinder } from "./offset-finder.ts";
import { type Reading, readingsFrom, sourceOf, take } from "./reading.ts";
import { retried } from "./retry.ts";
import type { TopicDirectory } from "./topic-directory.ts";

/** The bytes that one request to a broker asks for: about a response of the usual small records. */
const ROUND_BYTES = 1024 * 1024;
/** The bytes after which a fetch ends although some partitions have not had their turn. */
const READ_BYTES = 16 * 1024 * 1024;
const WITHIN_MS = 5_000;
const READ_UNCOMMITTED = 0;
const NO_SESSION = [0, -1] as const;

/**
 * Reads many partitions by few requests. A broker fills its response from the partitions in the order of the request,
 * by whole batches, and leaves out those whose next batch is larger than what it may return of them. So each round asks
 * for an even share of each partition, those first of which nothing was read yet, until all are read to their ends, or
 * the room of a response is full and all that have records are in it.
 */
export class Fetcher {
  readonly #brokers: Brokers;
  readonly #topics: TopicDirectory;
  readonly #offsets: OffsetFinder;
  readonly #limits: ShareLimits;
  #fetches = 0;

  constructor(brokers: Brokers, topics: TopicDirectory, offsets: OffsetFinder, limits: ShareLimits) {
    this.#brokers = brokers;
    this.#topics = topics;
    this.#offsets = offsets;
    this.#limits = limits;
  }

  /** The records that are there, within the limits. When they do not fill half of them, no partition has more. */
  async fetch(from: readonly TopicOffset[]): Promise<StoredRecord[]> {
    const readings = readingsFrom(from);
    const first = this.#fetches++ % Math.max(1, readings.length);
    const inTurn = [...readings.slice(first), ...readings.slice(0, first)];
    await retried(WITHIN_MS, async () => {
      await this.#topics.find(readings.map(({ topic }) => topic));
      for (const reading of readings)
        reading.done ||= this.#topics.partitions(reading.topic) <= reading.partition;
      await this.#read(inTurn);
    });
    return fairShare(inTurn.map(sourceOf), this.#limits);
  }

  async #read(readings: readonly Reading[]): Promise<void> {
    for (;;) {
      const open = readings.filter(({ done }) => !done);
      if (open.length === 0 || this.#isEnough(readings)) return;
      open.sort((a, b) => a.records.length - b.records.length);
      const byLeader = Map.groupBy(
        open,
        (reading) => this.#topics.leader(reading) ?? this.#brokers.ids[0] ?? 0,
      );
      // All have ended before one that failed is tried again: each continues where it stopped.
      const rounds = await Promise.allSettled(
        [...byLeader].map(([leader, some]) => this.#round(leader, some)),
      );
      const failed = rounds.find((round) => round.status === "rejected");
      if (failed !== undefined) throw failed.reason;
    }
  }

  #isEnough(readings: readonly Reading[]): boolean {
    const bytes = readings.reduce((sum, reading) => sum + reading.bytes, 0);
    const items = readings.reduce((sum, { records }) => sum + records.length, 0);
    const full = items >= this.#limits.items || bytes >= this.#limits.bytes;
    const heard = readings.filter(({ records }) => records.length > 0).length;
    const allHeard =
      heard >= this.#limits.items || readings.every(({ done, records }) => done || records.length > 0);
    return (full && allHeard) || bytes >= READ_BYTES;
  }

  async #round(leader: number, readings: readonly Reading[]): Promise<void> {
    const even = Math.ceil(ROUND_BYTES / readings.length);
    for (const reading of readings) reading.share = Math.max(even, reading.share);
    const wanted = [...Map.groupBy(readings, ({ topic }) => topic)].map(([topicId, partitions]) => ({
      topicId,
      partitions: partitions.map(({ partition, next, share }) => ({
        ...{ partition, fetchOffset: BigInt(next), partitionMaxBytes: share },
        ...{ currentLeaderEpoch: -1, lastFetchedEpoch: -1 },
      })),
    }));
    const response = await this.#brokers
      .call(leader, "fetch", fetchV12.api, 0, 0, ROUND_BYTES, READ_UNCOMMITTED, ...NO_SESSION, wanted, [], "")
      .catch((error: unknown) => this.#lost(readings, error));
    const fetched = new Map(
      response.responses.map(({ topicId, partitions }) => [
        topicId,
        new Map(partitions.map((partition) => [partition.partitionIndex, partition])),
      ]),
    );
    const outside: Reading[] = [];
    for (const reading of readings) {
      const partition = fetched.get(reading.topic)?.get(reading.partition);
      if (partition === undefined) throw new Error(`Kafka has left out topic ${reading.topic}`);
      if (partition.errorCode === CODE.offsetOutOfRange) outside.push(reading);
      else if (partition.errorCode === CODE.none) take(reading, partition);
      else this.#lost([reading], new KafkaFault(partition.errorCode, `Topic ${reading.topic} is not read`));
    }
    await this.#moveInside(outside);
  }

  /** Forgets the leaders when they have changed, so that the next attempt looks them up. */
  #lost(readings: readonly Reading[], error: unknown): never {
    if (mayPass(error)) this.#topics.forget(readings.map(({ topic }) => topic));
    throw error;
  }

  /** Offsets of records that were removed continue at the first one kept; offsets beyond the end have no records. */
  async #moveInside(readings: readonly Reading[]): Promise<void> {
    if (readings.length === 0) return;
    const starts = await this.#offsets.find(readings, "earliest");
    readings.forEach((reading, index) => {
      const start = starts[index]?.offset ?? 0;
      if (start > reading.next) reading.next = start;
      else reading.done = true;
    });
  }
}
