import { createTopicsV7, metadataV12 } from "@platformatic/kafka";
import { LogRequestError, type TopicPartition } from "../engine.ts";
import type { Brokers } from "./brokers.ts";
import { CODE, KafkaFault } from "./faults.ts";
import { retried } from "./retry.ts";
import { type Failures, SharedCalls } from "./shared-calls.ts";

/** The brokers that lead a topic's partitions, by the partitions' numbers; -1 while a partition has no leader. */
type Leaders = readonly number[];

/** A controller refuses requests for more than 10,000 topics, and one with fewer is answered before clients give up. */
const TOPICS_A_CREATION = 1_000;
const TOPICS_A_LOOKUP = 2_000;
const CREATION_MS = 30_000;
const WITHIN_MS = 10_000;

/**
 * The topics that are known to exist, with the leaders of their partitions. Missing topics are made here, explicitly and
 * many at a time: a topic that the broker makes by itself, on the first produce, costs that produce a second.
 */
export class TopicDirectory {
  readonly #brokers: Brokers;
  readonly #replication: number;
  readonly #known = new Map<string, Leaders>();
  /** Most topics have the same leaders; one array for all of them saves most of the memory. */
  readonly #shared = new Map<string, Leaders>();
  readonly #creations: SharedCalls<string>;

  /** `replication` is the number of replicas of the topics made here. */
  constructor(brokers: Brokers, replication: number) {
    this.#brokers = brokers;
    this.#replication = replication;
    this.#creations = new SharedCalls((names) => this.#create(names), TOPICS_A_CREATION);
  }

  /** The leader of a partition; undefined when it is not known. */
  leader({ topic, partition }: TopicPartition): number | undefined {
    const leader = this.#known.get(topic)?.[partition];
    return leader === undefined || leader < 0 ? undefined : leader;
  }

  /** The number of a known topic's partitions; 0 for others. */
  partitions(topic: string): number {
    return this.#known.get(topic)?.length ?? 0;
  }

  /** Looks up those of the topics that are not known. Topics that do not exist stay unknown. */
  async find(topics: Iterable<string>): Promise<void> {
    const missing = this.#missing(topics);
    for (let start = 0; start < missing.length; start += TOPICS_A_LOOKUP) {
      const names = missing.slice(start, start + TOPICS_A_LOOKUP);
      const response = await this.#brokers.call("any", "topics", metadataV12.api, names, false);
      this.#brokers.learn(response.brokers);
      for (const { name, errorCode, partitions } of response.topics) {
        if (!name || errorCode === CODE.unknownTopicOrPartition) continue;
        if (errorCode === CODE.invalidTopic) throw new LogRequestError(`${name} is not a topic's name`);
        if (errorCode !== CODE.none) throw new KafkaFault(errorCode, `Topic ${name} cannot be looked up`);
        const leaders: number[] = [];
        for (const { partitionIndex, leaderId } of partitions) leaders[partitionIndex] = leaderId;
        this.#known.set(name, this.#share(leaders));
      }
    }
  }

  /** Makes those of the topics that do not exist. Resolves when all of them have leaders. */
  async ensure(topics: Iterable<string>): Promise<void> {
    if (this.#missing(topics).length === 0) return;
    await retried(WITHIN_MS, () => this.find(topics));
    const missing = this.#missing(topics);
    await Promise.all(missing.map((name) => this.#creations.add(name)));
  }

  /** Forgets topics whose leaders have changed, or that may have been deleted. */
  forget(topics: Iterable<string>): void {
    for (const name of topics) this.#known.delete(name);
  }

  #missing(topics: Iterable<string>): string[] {
    return [...new Set(topics)].filter(
      (name) => !(this.#known.get(name)?.every((leader) => leader >= 0) ?? false),
    );
  }

  #share(leaders: Leaders): Leaders {
    const key = leaders.join();
    const same = this.#shared.get(key) ?? leaders;
    this.#shared.set(key, same);
    return same;
  }

  async #create(names: readonly string[]): Promise<Failures<string>> {
    const failures = new Map<string, Error>();
    let wanted = names;
    await retried(WITHIN_MS, async () => {
      const response = await this.#brokers.call(
        "any",
        "topics",
        createTopicsV7.api,
        wanted.map((name) => newTopic(name, this.#replication)),
        CREATION_MS,
        false,
      );
      const again: KafkaFault[] = [];
      wanted = response.topics.flatMap(({ name, errorCode, errorMessage }) => {
        if (errorCode === CODE.none || errorCode === CODE.topicExists) return [];
        const fault = new KafkaFault(errorCode, `Topic ${name} cannot be made`, errorMessage);
        if (fault.passing) again.push(fault);
        else failures.set(name, errorCode === CODE.invalidTopic ? new LogRequestError(fault.message) : fault);
        return fault.passing ? [name] : [];
      });
      if (again[0] !== undefined) throw again[0];
    });
    // The controller has made them; the brokers learn of them a few milliseconds later.
    const made = names.filter((name) => !failures.has(name));
    await retried(WITHIN_MS, async () => {
      await this.find(made);
      if (this.#missing(made).length > 0)
        throw new KafkaFault(CODE.leaderNotAvailable, "New topics have no leaders");
    });
    return failures;
  }
}

function newTopic(name: string, replicationFactor: number) {
  return { name, numPartitions: 1, replicationFactor, assignments: [], configs: [] };
}
