import { findCoordinatorV4, offsetCommitV8, offsetFetchV8 } from "@platformatic/kafka";
import type { TopicOffset, TopicPartition } from "../engine.ts";
import type { Brokers } from "./brokers.ts";
import { CODE, isDisconnection, KafkaFault } from "./faults.ts";
import { keyOf } from "./partition-key.ts";
import { retried } from "./retry.ts";

const WITHIN_MS = 10_000;
const GROUP_KEYS = 0;
/** The commits of a group without members, as `kafka-consumer-groups --reset-offsets` makes them. */
const NO_MEMBER = [-1, "", null] as const;

/** The committed offsets of consumer groups. A group's are with the broker that coordinates it. */
export class GroupOffsets {
  readonly #brokers: Brokers;
  readonly #coordinators = new Map<string, number>();

  constructor(brokers: Brokers) {
    this.#brokers = brokers;
  }

  /** Commits offsets of partitions that exist. */
  async commit(group: string, offsets: readonly TopicOffset[]): Promise<void> {
    const wanted = [...Map.groupBy(offsets, ({ topic }) => topic)].map(([name, partitions]) => ({
      name,
      partitions: partitions.map(({ partition, offset }) => ({
        ...{ partitionIndex: partition, committedOffset: BigInt(offset), committedLeaderEpoch: -1 },
      })),
    }));
    await this.#byCoordinator(group, async (coordinator) => {
      const request = [group, ...NO_MEMBER, wanted] as const;
      const { topics } = await this.#brokers.call(coordinator, "offsets", offsetCommitV8.api, ...request);
      for (const { name, partitions } of topics)
        for (const { errorCode } of partitions)
          requireNone(errorCode, `Offsets in topic ${name} are not committed`);
    });
  }

  /** A group's offsets in these partitions, or in all; those without a commit are left out. */
  async committed(group: string, of?: readonly TopicPartition[]): Promise<readonly TopicOffset[]> {
    const wanted =
      of === undefined
        ? null
        : [...Map.groupBy(of, ({ topic }) => topic)].map(([name, partitions]) => ({
            ...{ name, partitionIndexes: partitions.map(({ partition }) => partition) },
          }));
    const topics = await this.#byCoordinator(group, async (coordinator) => {
      const asked = [{ groupId: group, memberEpoch: -1, topics: wanted }];
      const { groups } = await this.#brokers.call(coordinator, "offsets", offsetFetchV8.api, asked, false);
      const [found] = groups;
      requireNone(found?.errorCode ?? CODE.none, `The offsets of group ${group} cannot be read`);
      return found?.topics ?? [];
    });
    const offsets = topics.flatMap(({ name, partitions }) =>
      partitions.flatMap(({ partitionIndex, committedOffset, errorCode }): TopicOffset[] => {
        requireNone(errorCode, `Offsets in topic ${name} cannot be read`);
        return committedOffset < 0n
          ? []
          : [{ topic: name, partition: partitionIndex, offset: Number(committedOffset) }];
      }),
    );
    if (of === undefined) return offsets;
    const byPartition = new Map(offsets.map((offset) => [keyOf(offset), offset]));
    return of.flatMap((partition) => byPartition.get(keyOf(partition)) ?? []);
  }

  /** Both kinds of requests may be repeated: a commit sets offsets. */
  #byCoordinator<Result>(group: string, ask: (coordinator: number) => Promise<Result>): Promise<Result> {
    return retried(WITHIN_MS, async () => {
      const coordinator = this.#coordinators.get(group) ?? (await this.#find(group));
      this.#coordinators.set(group, coordinator);
      try {
        return await ask(coordinator);
      } catch (error) {
        const moved = error instanceof KafkaFault && error.passing;
        if (moved || isDisconnection(error)) this.#coordinators.delete(group);
        throw error;
      }
    });
  }

  async #find(group: string): Promise<number> {
    const { api } = findCoordinatorV4;
    const { coordinators } = await this.#brokers.call("any", "offsets", api, GROUP_KEYS, [group]);
    const [coordinator] = coordinators;
    if (coordinator === undefined) throw new KafkaFault(CODE.coordinatorNotAvailable, `Group ${group}`);
    requireNone(coordinator.errorCode, `Group ${group} has no coordinator`);
    return coordinator.nodeId;
  }
}

function requireNone(code: number, what: string): void {
  if (code !== CODE.none) throw new KafkaFault(code, what);
}
