import { NumericMap, produceV11 } from "@platformatic/kafka";
import type { Brokers } from "./brokers.ts";
import { keyOf } from "./partition-key.ts";
import type { Batch, PartitionQueue } from "./partition-queue.ts";

/** What a broker says of a batch. */
export type BatchResult = produceV11.ProduceResponse["responses"][number]["partitionResponses"][number];

const ACKS_ALL = -1;
/** How long a broker waits for its replicas. */
const REPLICAS_WITHIN_MS = 5_000;

/** Sends one batch of each partition to the broker that leads them all; all batches have the same identity. */
export async function sendBatches(
  brokers: Brokers,
  leader: number,
  batches: ReadonlyMap<PartitionQueue, Batch>,
): Promise<Map<string, BatchResult>> {
  const sequences = new NumericMap();
  for (const [queue, { sequence }] of batches) sequences.set(keyOf(queue), sequence);
  const [identity] = [...batches.values()].map((batch) => batch.identity);
  const records = [...batches.values()].flatMap((batch) => batch.records);
  const options = {
    ...(identity && { producerId: identity.producerId, producerEpoch: identity.epoch }),
    sequences,
  };
  const request = [ACKS_ALL, REPLICAS_WITHIN_MS, records, options] as const;
  const response = await brokers.call(leader, "produce", produceV11.api, ...request);
  const topics = typeof response === "boolean" ? [] : response.responses;
  return new Map(
    topics.flatMap(({ name, partitionResponses }) =>
      partitionResponses.map((result) => [keyOf({ topic: name, partition: result.index }), result] as const),
    ),
  );
}
