import { listOffsetsV7 } from "@platformatic/kafka";
import type { OffsetQuery, TopicOffset, TopicPartition } from "../engine.ts";
import type { Brokers } from "./brokers.ts";
import { CODE, KafkaFault, mayPass } from "./faults.ts";
import { keyOf } from "./partition-key.ts";
import { retried } from "./retry.ts";
import type { TopicDirectory } from "./topic-directory.ts";

const WITHIN_MS = 5_000;
const CLIENT = -1;
const READ_UNCOMMITTED = 0;
const NONE_SO_LATE = -1;

/** Looks up offsets: one request to each broker that leads some of the partitions. */
export class OffsetFinder {
  readonly #brokers: Brokers;
  readonly #topics: TopicDirectory;

  constructor(brokers: Brokers, topics: TopicDirectory) {
    this.#brokers = brokers;
    this.#topics = topics;
  }

  /** The offsets in the order of the partitions; 0 for those that do not exist. */
  async find(of: readonly TopicPartition[], query: OffsetQuery): Promise<readonly TopicOffset[]> {
    const found = await retried(WITHIN_MS, () => this.#ask(of, query));
    const later = of.filter((partition) => found.get(keyOf(partition)) === NONE_SO_LATE);
    const ends = later.length === 0 ? [] : await this.find(later, "latest");
    for (const end of ends) found.set(keyOf(end), end.offset);
    return of.map(({ topic, partition }) => ({
      topic,
      partition,
      offset: found.get(keyOf({ topic, partition })) ?? 0,
    }));
  }

  async #ask(of: readonly TopicPartition[], query: OffsetQuery): Promise<Map<string, number>> {
    await this.#topics.find(of.map(({ topic }) => topic));
    const existing = of.filter(({ topic, partition }) => this.#topics.partitions(topic) > partition);
    const byLeader = Map.groupBy(existing, (each) => this.#topics.leader(each) ?? this.#brokers.ids[0] ?? 0);
    const parts = await Promise.all([...byLeader].map(([leader, some]) => this.#askOne(leader, some, query)));
    return new Map(parts.flat());
  }

  async #askOne(
    leader: number,
    of: readonly TopicPartition[],
    query: OffsetQuery,
  ): Promise<(readonly [string, number])[]> {
    const timestamp = query === "earliest" ? -2n : query === "latest" ? -1n : BigInt(query);
    const wanted = [...Map.groupBy(of, ({ topic }) => topic)].map(([name, partitions]) => ({
      name,
      partitions: partitions.map(({ partition }) => ({
        partitionIndex: partition,
        currentLeaderEpoch: -1,
        timestamp,
      })),
    }));
    try {
      const request = [CLIENT, READ_UNCOMMITTED, wanted] as const;
      const { topics } = await this.#brokers.call(leader, "offsets", listOffsetsV7.api, ...request);
      return topics.flatMap(({ name, partitions }) =>
        partitions.map(({ partitionIndex, errorCode, offset }) => {
          if (errorCode !== CODE.none) throw new KafkaFault(errorCode, `Topic ${name} has no offsets`);
          return [keyOf({ topic: name, partition: partitionIndex }), Number(offset)] as const;
        }),
      );
    } catch (error) {
      if (mayPass(error)) this.#topics.forget(of.map(({ topic }) => topic));
      throw error;
    }
  }
}
