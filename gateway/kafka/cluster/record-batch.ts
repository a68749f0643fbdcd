import type { MessageRecord } from "@platformatic/kafka";
import type { NewRecord } from "../engine.ts";

/** Kafka's usual bound of a batch, `message.max.bytes`, less what a batch adds to its records. */
export const BATCH_BYTES = 900_000;
/** What Kafka's format adds to a record, at most. */
const RECORD_OVERHEAD_BYTES = 32;

/** A record in Kafka's encoding. */
export interface EncodedRecord extends MessageRecord {
  readonly bytes: number;
}

/** Encodes a record for one partition. */
export function encodeRecord(record: NewRecord, partition: number, now: number): EncodedRecord {
  const value = Buffer.from(record.value);
  const key = record.key === undefined ? undefined : Buffer.from(record.key);
  // Each key is a Buffer of its own, so that two headers of one name are two entries.
  const headers = new Map(
    record.headers?.map((header) => [Buffer.from(header.key), Buffer.from(header.value)]),
  );
  let bytes = RECORD_OVERHEAD_BYTES + value.length + (key?.length ?? 0);
  for (const [name, content] of headers) bytes += name.length + content.length + 10;
  return {
    ...{ topic: record.topic, partition, value, headers, bytes },
    timestamp: BigInt(record.timestamp ?? now),
    ...(key !== undefined && { key }),
  };
}

/** Cuts records into parts of at most {@link BATCH_BYTES}; a larger record is a part of its own. */
export function intoBatches(records: readonly EncodedRecord[]): EncodedRecord[][] {
  const parts: EncodedRecord[][] = [];
  let room = 0;
  for (const record of records) {
    const part = parts.at(-1);
    if (part !== undefined && record.bytes <= room) part.push(record);
    else {
      parts.push([record]);
      room = BATCH_BYTES;
    }
    room -= record.bytes;
  }
  return parts;
}
