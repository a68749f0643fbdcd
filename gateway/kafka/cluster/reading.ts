import { type fetchV12, IS_CONTROL, type RecordsBatch } from "@platformatic/kafka";
import type { StoredRecord, TopicOffset } from "../engine.ts";
import type { ShareSource } from "../fair-share.ts";
import { keyOf } from "./partition-key.ts";

/** A batch of a few records. A partition whose next batch is larger gets a larger share in the next round. */
const LEAST_SHARE_BYTES = 2 * 1024;
const SHARE_GROWTH = 4;
const LARGEST_SHARE_BYTES = 16 * 1024 * 1024;
/** The approximate size of a record's field names, numbers and quotes in a response. */
const RECORD_OVERHEAD_BYTES = 120;

/** What has been read of one partition. */
export interface Reading {
  readonly topic: string;
  readonly partition: number;
  next: number;
  readonly records: StoredRecord[];
  bytes: number;
  /** How much of the next round it may fill. */
  share: number;
  /** Whether everything up to the end has been read. */
  done: boolean;
}

type FetchedPartition = fetchV12.FetchResponse["responses"][number]["partitions"][number];

/** A reading of each partition, from the first of the offsets that are given for it. */
export function readingsFrom(from: readonly TopicOffset[]): Reading[] {
  const readings = new Map<string, Reading>();
  for (const { topic, partition, offset } of from) {
    const key = keyOf({ topic, partition });
    const next = Math.min(offset, readings.get(key)?.next ?? offset);
    readings.set(key, {
      topic,
      partition,
      next,
      records: [],
      bytes: 0,
      share: LEAST_SHARE_BYTES,
      done: false,
    });
  }
  return [...readings.values()];
}

/** Adds what a broker has sent of the partition. When that is no whole batch, the next round may fill more. */
export function take(reading: Reading, { records, highWatermark }: FetchedPartition): void {
  const start = reading.next;
  for (const batch of records ?? []) {
    reading.next = Number(batch.firstOffset) + batch.lastOffsetDelta + 1;
    if ((batch.attributes & IS_CONTROL) !== 0) continue;
    for (const record of storedRecords(reading, batch)) {
      // A batch is sent whole, also when the offset is in its middle.
      if (record.offset < start) continue;
      reading.records.push(record);
      reading.bytes += sizeOf(record);
    }
  }
  if (reading.next === start) reading.share = Math.min(LARGEST_SHARE_BYTES, reading.share * SHARE_GROWTH);
  reading.done = reading.next >= Number(highWatermark);
}

/** The records of a reading, as one of the sources that share a response. */
export function sourceOf({ records }: Reading): ShareSource<StoredRecord> {
  let next = 0;
  return {
    take: (limits) => {
      const items: StoredRecord[] = [];
      let bytes = 0;
      for (let record = records[next]; record !== undefined; record = records[next]) {
        if (items.length >= limits.items || bytes >= limits.bytes) break;
        items.push(record);
        bytes += sizeOf(record);
        next += 1;
      }
      return { items, bytes, empty: next >= records.length };
    },
  };
}

function* storedRecords({ topic, partition }: Reading, batch: RecordsBatch): Generator<StoredRecord> {
  const [offset, timestamp] = [Number(batch.firstOffset), Number(batch.firstTimestamp)];
  for (const record of batch.records) {
    yield {
      topic,
      partition,
      offset: offset + record.offsetDelta,
      timestamp: timestamp + Number(record.timestampDelta),
      key: text(record.key),
      value: text(record.value),
      headers: record.headers.map(([key, value]) => ({ key: text(key), value: text(value) })),
    };
  }
}

function sizeOf({ key, value }: StoredRecord): number {
  return Buffer.byteLength(value) + key.length + RECORD_OVERHEAD_BYTES;
}

function text(bytes: Buffer | null): string {
  return bytes === null ? "" : bytes.toString("utf8");
}
