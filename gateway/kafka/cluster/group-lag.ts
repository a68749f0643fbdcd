import type { Lag, LagPage, TopicPartition } from "../engine.ts";
import type { Brokers } from "./brokers.ts";
import type { GroupOffsets } from "./group-offsets.ts";
import type { OffsetFinder } from "./offset-finder.ts";
import { keyOf } from "./partition-key.ts";
import { retried } from "./retry.ts";
import { topicsAfter } from "./topic-pages.ts";

const WITHIN_MS = 10_000;
const PARTITIONS_A_REQUEST = 2_000;

/** The clients that a group's lag is found with. */
export interface LagClients {
  readonly brokers: Brokers;
  readonly offsets: OffsetFinder;
  readonly groups: GroupOffsets;
}

/** One page of a group's lag: the topics by few requests, then their offsets by three for each part of them. */
export async function groupLag(
  clients: LagClients,
  group: string,
  after: string,
  limit: number,
): Promise<LagPage> {
  const { topics, last } = await retried(WITHIN_MS, () => topicsAfter(clients.brokers, after, limit));
  const partitions = topics.flatMap((topic) => topic.partitions);
  const items: Lag[] = [];
  for (let start = 0; start < partitions.length; start += PARTITIONS_A_REQUEST)
    items.push(...(await lagOf(clients, group, partitions.slice(start, start + PARTITIONS_A_REQUEST))));
  return { items, next: last ? null : (topics.at(-1)?.name ?? null) };
}

async function lagOf(
  { offsets, groups }: LagClients,
  group: string,
  partitions: readonly TopicPartition[],
): Promise<Lag[]> {
  const [starts, ends, committed] = await Promise.all([
    offsets.find(partitions, "earliest"),
    offsets.find(partitions, "latest"),
    groups.committed(group, partitions),
  ]);
  const byPartition = new Map(
    committed.map(({ topic, partition, offset }) => [keyOf({ topic, partition }), offset]),
  );
  return partitions.flatMap(({ topic, partition }, index): Lag[] => {
    const [start, end] = [starts[index]?.offset ?? 0, ends[index]?.offset ?? 0];
    const done = byPartition.get(keyOf({ topic, partition })) ?? 0;
    return end > Math.max(start, done) ? [{ topic, partition, committed: done, end }] : [];
  });
}
