import { defaultPartitioner } from "@platformatic/kafka";
import type { NewRecord } from "../engine.ts";

/** The partition of a record, of `count`: the one it names, or as Kafka's own clients choose it by the key. */
export function partitionOf({ topic, partition, key }: NewRecord, count: number): number {
  if (partition !== undefined) return partition;
  if (count <= 1) return 0;
  if (key === undefined) return Math.floor(Math.random() * count);
  const bytes = Buffer.from(key);
  return defaultPartitioner({ topic, key: bytes }, bytes) % count;
}
