import { z } from "zod";
import type { OffsetQuery } from "./engine.ts";

/** Kafka's own rule for topic names. */
const topic = z
  .string()
  .regex(/^[\w.-]{1,249}$/, "must be 1 to 249 letters, digits, dots, dashes or underscores");
const partition = z.int().min(0);
const offset = z.int().min(0);

const topicPartition = z.object({ topic, partition });
const topicOffset = z.object({ topic, partition, offset });

const newRecord = z.object({
  topic,
  partition: partition.optional(),
  timestamp: z.int().optional(),
  key: z.string().optional(),
  value: z.string(),
  headers: z.array(z.object({ key: z.string(), value: z.string() })).optional(),
});

/** Milliseconds to wait for the first record. */
const timeout = z.number().min(0).max(60_000).default(1_000);

/** `POST /produce`: one record or many. */
export const produceBody = oneOrMany(newRecord);

/** `POST /fetch`: one offset, many, or both. */
export const fetchBody = z
  .object({
    topic: topic.optional(),
    partition: partition.default(0),
    offset: offset.default(0),
    topicPartitionOffsets: z.array(topicOffset).default([]),
    timeout,
  })
  .transform(({ topic, partition, offset, topicPartitionOffsets, timeout }) => ({
    from:
      topic === undefined ? topicPartitionOffsets : [{ topic, partition, offset }, ...topicPartitionOffsets],
    timeout,
  }));

/** `POST /consume/{group}/{instance}`. */
export const consumeBody = z
  .object({ topic: topic.optional(), topics: z.array(topic).default([]), timeout })
  .transform(({ topic, topics, timeout }) => ({
    topics: [...new Set(topic === undefined ? topics : [topic, ...topics])],
    timeout,
  }));

const flag = z.enum(["true", "false"]).transform((value) => value === "true");

/** The headers of `POST /consume/{group}/{instance}`. */
export const consumeHeaders = z.object({
  "kafka-enable-auto-commit": flag.default(true),
  "kafka-auto-commit-interval": z.coerce.number().int().min(0).default(5_000),
  "kafka-auto-offset-reset": z.enum(["earliest", "latest", "none"]).default("latest"),
});

/** `POST /commit/{group}/{instance}`: one offset, many, or no body for all that the instance has consumed. */
export const commitBody = oneOrMany(topicOffset).optional();

/** `POST /committed/{group}/{instance}`: some partitions, or no body for all that the group has committed. */
export const committedBody = oneOrMany(topicPartition).optional();

/** `POST /offsets/{query}`. */
export const offsetsBody = oneOrMany(topicPartition);

/** The last part of the path of `POST /offsets/{query}`. */
export const offsetQuery: z.ZodType<OffsetQuery, string> = z.union([
  z.enum(["earliest", "latest"]),
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number),
]);

/** The query of `GET /lagging/{group}`: the topic after which the page begins, and how many topics it examines. */
export const laggingQuery = z.object({
  after: topic.default(""),
  limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
});

function oneOrMany<Shape extends z.ZodType>(shape: Shape) {
  return z.preprocess(
    (value) => (value === undefined || Array.isArray(value) ? value : [value]),
    z.array(shape).min(1),
  );
}
