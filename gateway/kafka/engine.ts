/** One partition of one topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** A place in a partition: of a record, or of the next record to read. */
export interface TopicOffset extends TopicPartition {
  readonly offset: number;
}

/** A record's header. */
export interface RecordHeader {
  readonly key: string;
  readonly value: string;
}

/** A record as it is handed to the log. */
export interface NewRecord {
  readonly topic: string;
  /** Chosen by the engine when absent. */
  readonly partition?: number | undefined;
  /** Milliseconds since 1970; the time of writing when absent. */
  readonly timestamp?: number | undefined;
  readonly key?: string | undefined;
  readonly value: string;
  readonly headers?: readonly RecordHeader[] | undefined;
}

/** Where a record was written. */
export interface Placed extends TopicOffset {
  readonly timestamp: number;
}

/** A record as it is read. An absent key is the empty string, as in the protocol's responses. */
export interface StoredRecord extends Placed {
  readonly key: string;
  readonly value: string;
  readonly headers: readonly RecordHeader[];
}

/** A partition that holds records which a consumer group has not committed. */
export interface Lag extends TopicPartition {
  /** The group's offset, 0 when it never committed one. */
  readonly committed: number;
  /** The offset after the last record. */
  readonly end: number;
}

/** A part of a group's lag. */
export interface LagPage {
  /** In order of topic; may be empty although pages follow. */
  readonly items: readonly Lag[];
  /** The topic after which the next page begins; null when this page is the last. */
  readonly next: string | null;
}

/** Which offset is asked for: the first kept, the one after the last, or the first written at or after a time in ms. */
export type OffsetQuery = "earliest" | "latest" | number;

/** The request is invalid, and repeating it will not help; the message is for the caller. */
export class LogRequestError extends Error {
  override readonly name = "LogRequestError";
}

/** What the protocol needs of a log. Everything that speaks HTTP or knows a client is on the other side. */
export interface LogEngine {
  /** Every topic with its number of partitions. */
  topics(): Promise<ReadonlyMap<string, number>>;
  /**
   * Appends all records or none. Resolves when they are on disk, with their places in the order given; the order
   * given is also the order in each partition. A topic comes into being with its first record.
   */
  produce(records: readonly NewRecord[]): Promise<readonly Placed[]>;
  /**
   * Records from the given places on, of each partition in rising offset and no more than one response should carry,
   * shared so that no partition starves another. When there are none, waits for one up to `waitMs`, or until `signal`
   * aborts because the client is gone.
   */
  fetch(
    from: readonly TopicOffset[],
    waitMs: number,
    signal: () => AbortSignal,
  ): Promise<readonly StoredRecord[]>;
  /** Offsets by {@link OffsetQuery}, in the order of the partitions given. Of a topic not yet written to, 0. */
  offsets(of: readonly TopicPartition[], query: OffsetQuery): Promise<readonly TopicOffset[]>;
  /** Stores how far a consumer group has come: the offset of the next record it wants. */
  commit(group: string, offsets: readonly TopicOffset[]): Promise<void>;
  /** How far a group has come, in these partitions or in all; partitions it never committed are left out. */
  committed(group: string, of?: readonly TopicPartition[]): Promise<readonly TopicOffset[]>;
  /**
   * The lag of a group among the first `limit` topics whose names come after `after`. The limit counts topics, lagging
   * or not, so that the work for one page is bounded too.
   */
  lagging(group: string, after: string, limit: number): Promise<LagPage>;
  /** Resolves when the log can be read. */
  ping(): Promise<void>;
  /** Ends waiting fetches, finishes what was accepted, and closes the log. */
  close(): Promise<void>;
}
