/** One partition of one topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** An offset in a partition: of a record, or of the next record to read. */
export interface TopicOffset extends TopicPartition {
  readonly offset: number;
}

/** A record's header. */
export interface RecordHeader {
  readonly key: string;
  readonly value: string;
}

/** A record to be written to the log. */
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

/** A record read from the log. An absent key is the empty string, as in the protocol's responses. */
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

/** A page of a group's lag. */
export interface LagPage {
  /** In order of topic; may be empty although pages follow. */
  readonly items: readonly Lag[];
  /** The topic after which the next page begins; null when this page is the last. */
  readonly next: string | null;
}

/** An offset to look up: of the first record, after the last record, or of the first record at or after a time in ms. */
export type OffsetQuery = "earliest" | "latest" | number;

/** The request is invalid and a retry would fail too; the message is for the caller. */
export class LogRequestError extends Error {
  override readonly name = "LogRequestError";
}

/** The log cannot serve the request now: it is out of reach or has too much to do. A retry may succeed. */
export class LogUnavailable extends Error {
  override readonly name = "LogUnavailable";

  constructor(cause: unknown) {
    super(`The log is not available: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** The log that the protocol serves. An engine knows nothing of HTTP or of clients. */
export interface LogEngine {
  /** Every topic with its number of partitions. */
  topics(): Promise<ReadonlyMap<string, number>>;
  /**
   * Appends all records or none. Resolves when they are on disk, with their offsets in the order given. Records of one
   * partition keep the order given. The first record of a topic creates it.
   */
  produce(records: readonly NewRecord[]): Promise<readonly Placed[]>;
  /**
   * Records from the given offsets on, by ascending offset in each partition. Bounded to the size of one response, and
   * fair between partitions. When there are none, waits for one up to `waitMs`, or until `signal` aborts because the
   * client has disconnected.
   */
  fetch(
    from: readonly TopicOffset[],
    waitMs: number,
    signal: () => AbortSignal,
  ): Promise<readonly StoredRecord[]>;
  /** Offsets by {@link OffsetQuery}, in the order of the partitions given; 0 for a topic without any record. */
  offsets(of: readonly TopicPartition[], query: OffsetQuery): Promise<readonly TopicOffset[]>;
  /** Commits the offsets of a consumer group: each is that of the next record to read. */
  commit(group: string, offsets: readonly TopicOffset[]): Promise<void>;
  /** A group's committed offsets in these partitions, or in all; partitions without a commit are left out. */
  committed(group: string, of?: readonly TopicPartition[]): Promise<readonly TopicOffset[]>;
  /**
   * The lag of a group among the first `limit` topics whose names come after `after`. The limit counts topics with and
   * without lag, so that the work for one page is bounded.
   */
  lagging(group: string, after: string, limit: number): Promise<LagPage>;
  /** How many requests wait, by what they wait for. */
  queues(): Readonly<Record<string, number>>;
  /** Resolves when the log can be read. */
  ping(): Promise<void>;
  /** Ends waiting fetches, completes accepted writes, and closes the log. */
  close(): Promise<void>;
}
