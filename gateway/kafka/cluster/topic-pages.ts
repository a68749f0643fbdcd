import { describeTopicPartitionsV0, metadataV12 } from "@platformatic/kafka";
import type { TopicPartition } from "../engine.ts";
import type { Brokers } from "./brokers.ts";
import { CODE, KafkaFault } from "./faults.ts";

/** A broker describes at most this many partitions in one response. */
const PARTITIONS_A_RESPONSE = 2_000;
const ALL: { name: string }[] = [];

/** One page of topics. */
export interface TopicPage {
  /** In order of the names. */
  readonly topics: readonly { readonly name: string; readonly partitions: readonly TopicPartition[] }[];
  /** Whether no topic follows. */
  readonly last: boolean;
}

/** The first `limit` topics whose names come after `after`. */
export async function topicsAfter(brokers: Brokers, after: string, limit: number): Promise<TopicPage> {
  const found = new Map<string, TopicPartition[]>();
  let cursor: describeTopicPartitionsV0.DescribeTopicPartitionsRequestCursor | null = {
    topicName: after,
    partitionIndex: 0,
  };
  // Until a topic too many is found: the partitions of the one before it are complete then.
  while (cursor !== null && found.size <= limit) {
    // Two more than are missing: `after` itself, with which the broker begins, and the one too many.
    const wanted = Math.min(limit - found.size + 2, PARTITIONS_A_RESPONSE);
    const from = cursor.topicName === "" ? undefined : cursor;
    const { api } = describeTopicPartitionsV0;
    const response: describeTopicPartitionsV0.DescribeTopicPartitionsResponse = await brokers.call(
      ...(["any", "topics", api, ALL, wanted, from] as const),
    );
    for (const { name, errorCode, isInternal, partitions } of response.topics) {
      if (errorCode !== CODE.none) throw new KafkaFault(errorCode, `Topic ${name} cannot be listed`);
      if (!name || name === after || isInternal) continue;
      const own = partitions.map(({ partitionIndex }) => ({ topic: name, partition: partitionIndex }));
      found.set(name, [...(found.get(name) ?? []), ...own]);
    }
    cursor = response.nextCursor;
  }
  const topics = [...found].map(([name, partitions]) => ({ name, partitions }));
  return { topics: topics.slice(0, limit), last: cursor === null && topics.length <= limit };
}

/** All topics with the number of their partitions. */
export async function allTopics(brokers: Brokers): Promise<Map<string, number>> {
  const { topics } = await brokers.call("any", "topics", metadataV12.api, null, false);
  const own = topics.filter(({ isInternal }) => !isInternal);
  return new Map(own.flatMap(({ name, partitions }) => (name ? [[name, partitions.length] as const] : [])));
}
