import { DatabaseSync, type SQLOutputValue, type StatementSync } from "node:sqlite";
import type { NewRecord, Placed, RecordHeader, StoredRecord, TopicOffset } from "./engine.ts";
import type { ShareSource } from "./fair-share.ts";

/** A topic. Its records have the offsets `start` to `end - 1`: trimming removes the oldest only. */
export interface Topic {
  readonly id: number;
  readonly name: string;
  start: number;
  end: number;
}

/** The progress of a group in a topic. */
export interface Progress {
  readonly name: string;
  readonly start: number;
  /** 0 when the group has not committed. */
  readonly committed: number;
  readonly end: number;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS topics (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    start INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE IF NOT EXISTS records (
    topic_id INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    timestamp INTEGER NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    headers TEXT,
    PRIMARY KEY (topic_id, offset)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS commits (
    group_id TEXT NOT NULL,
    topic TEXT NOT NULL,
    offset INTEGER NOT NULL,
    PRIMARY KEY (group_id, topic)
  ) STRICT, WITHOUT ROWID;
`;

/** Seeks the last record of each topic by the primary key: the table of records is never scanned. */
const SELECT_PROGRESS = `
  SELECT
    topics.name,
    topics.start,
    coalesce(commits.offset, 0) AS committed,
    coalesce((SELECT max(offset) + 1 FROM records WHERE topic_id = topics.id), topics.start) AS end
  FROM topics LEFT JOIN commits ON commits.group_id = ? AND commits.topic = topics.name
  WHERE topics.name > ?
  ORDER BY topics.name
  LIMIT ?
`;

/** The log's tables, and the statements on them. All calls are synchronous. */
export class SqliteStore {
  readonly #db: DatabaseSync;
  readonly #topics = new Map<string, Topic>();
  readonly #insertTopic: StatementSync;
  readonly #insertRecord: StatementSync;
  readonly #selectTopic: StatementSync;
  readonly #selectEnd: StatementSync;
  readonly #selectRecords: StatementSync;
  readonly #selectSince: StatementSync;
  readonly #upsertCommit: StatementSync;
  readonly #selectCommit: StatementSync;
  readonly #selectProgress: StatementSync;
  readonly #deleteRecords: StatementSync;
  readonly #updateStart: StatementSync;

  constructor(file: string) {
    this.#db = new DatabaseSync(file);
    // FULL: a commit is on disk before it returns. EXCLUSIVE: no shared memory file, and no other process may write.
    this.#db.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    this.#db.exec(SCHEMA);
    this.#insertTopic = this.#db.prepare("INSERT INTO topics (name) VALUES (?)");
    this.#insertRecord = this.#db.prepare("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?)");
    this.#selectTopic = this.#db.prepare("SELECT id, start FROM topics WHERE name = ?");
    this.#selectEnd = this.#db.prepare("SELECT max(offset) + 1 AS end FROM records WHERE topic_id = ?");
    this.#selectRecords = this.#db.prepare(
      "SELECT offset, timestamp, key, value, headers FROM records WHERE topic_id = ? AND offset >= ? ORDER BY offset LIMIT ?",
    );
    this.#selectSince = this.#db.prepare(
      "SELECT offset FROM records WHERE topic_id = ? AND timestamp >= ? ORDER BY offset LIMIT 1",
    );
    this.#upsertCommit = this.#db.prepare(
      "INSERT INTO commits VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET offset = excluded.offset",
    );
    this.#selectCommit = this.#db.prepare("SELECT offset FROM commits WHERE group_id = ? AND topic = ?");
    this.#selectProgress = this.#db.prepare(SELECT_PROGRESS);
    this.#deleteRecords = this.#db.prepare("DELETE FROM records WHERE topic_id = ? AND offset < ?");
    this.#updateStart = this.#db.prepare("UPDATE topics SET start = ? WHERE id = ?");
  }

  /** Runs `work` in one transaction, which is rolled back when it throws. */
  transaction<Result>(work: () => Result): Result {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#db.exec("COMMIT");
      return result;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      this.#topics.clear(); // The cached ends may have been rolled back.
      throw error;
    }
  }

  /** The topic of that name; undefined when it has never had a record. */
  topic(name: string): Topic | undefined {
    const known = this.#topics.get(name);
    if (known !== undefined) return known;
    const row = this.#selectTopic.get(name);
    if (row === undefined) return undefined;
    const [id, start] = [integer(row.id), integer(row.start)];
    const end = this.#selectEnd.get(id)?.end ?? null;
    const topic = { id, name, start, end: end === null ? start : integer(end) };
    this.#topics.set(name, topic);
    return topic;
  }

  /** The names of all topics. */
  topicNames(): string[] {
    return this.#db
      .prepare("SELECT name FROM topics ORDER BY name")
      .all()
      .map((row) => text(row.name));
  }

  /** Appends one record to its topic. Call it in a {@link transaction}. */
  append(record: NewRecord, now: number): Placed {
    const topic = this.topic(record.topic) ?? this.#createTopic(record.topic);
    const { key = "", value, headers, timestamp = now } = record;
    const offset = topic.end;
    this.#insertRecord.run(
      topic.id,
      offset,
      timestamp,
      key,
      value,
      headers?.length ? JSON.stringify(headers) : null,
    );
    topic.end += 1;
    return { topic: record.topic, partition: 0, offset, timestamp };
  }

  /** A source of a topic's records from `offset` on. */
  read(topic: Topic, offset: number): ShareSource<StoredRecord> {
    let next = offset;
    return {
      take: (limits) => {
        const items: StoredRecord[] = [];
        let bytes = 0;
        // Reading many rows at once is twice as fast as one by one; their number follows from the mean size so far.
        for (
          let rows = FIRST_ROWS;
          items.length < limits.items && bytes < limits.bytes && next < topic.end;
        ) {
          const read = this.#selectRecords.all(topic.id, next, Math.min(rows, limits.items - items.length));
          for (const row of read) {
            if (bytes >= limits.bytes) break;
            const record = storedRecord(topic.name, row);
            items.push(record);
            next = record.offset + 1;
            bytes += Buffer.byteLength(record.value) + record.key.length + RECORD_OVERHEAD_BYTES;
          }
          rows = Math.ceil((limits.bytes - bytes) / (bytes / items.length));
        }
        return { items, bytes, empty: next >= topic.end };
      },
    };
  }

  /** The offset of the first record at or after a time; the topic's end when there is none. */
  offsetSince(topic: Topic, timestamp: number): number {
    const row = this.#selectSince.get(topic.id, timestamp);
    return row === undefined ? topic.end : integer(row.offset);
  }

  /** Stores a group's offset. Call it in a {@link transaction}. */
  commit(group: string, topic: string, offset: number): void {
    this.#upsertCommit.run(group, topic, offset);
  }

  /** A group's committed offset in one topic, if any. */
  committed(group: string, topic: string): number | undefined {
    const row = this.#selectCommit.get(group, topic);
    return row === undefined ? undefined : integer(row.offset);
  }

  /** All committed offsets of a group. */
  allCommitted(group: string): TopicOffset[] {
    return this.#db
      .prepare("SELECT topic, offset FROM commits WHERE group_id = ? ORDER BY topic")
      .all(group)
      .map((row) => ({ topic: text(row.topic), partition: 0, offset: integer(row.offset) }));
  }

  /** The progress of a group in the first `limit` topics after a name, in order of their names. */
  progress(group: string, after: string, limit: number): Progress[] {
    return this.#selectProgress.all(group, after, limit).map((row) => ({
      name: text(row.name),
      start: integer(row.start),
      committed: integer(row.committed),
      end: integer(row.end),
    }));
  }

  /** Deletes a topic's records before `offset`. Their offsets are never reused. Call it in a {@link transaction}. */
  trim(topic: Topic, offset: number): void {
    this.#deleteRecords.run(topic.id, offset);
    this.#updateStart.run(offset, topic.id);
    topic.start = offset;
  }

  /** Closes the file. */
  close(): void {
    this.#db.close();
  }

  #createTopic(name: string): Topic {
    const topic = { id: Number(this.#insertTopic.run(name).lastInsertRowid), name, start: 0, end: 0 };
    this.#topics.set(name, topic);
    return topic;
  }
}

const FIRST_ROWS = 8;

/** The approximate size of a record's field names, numbers and quotes in a response. */
const RECORD_OVERHEAD_BYTES = 120;

function storedRecord(topic: string, row: Record<string, SQLOutputValue>): StoredRecord {
  return {
    topic,
    partition: 0,
    offset: integer(row.offset),
    timestamp: integer(row.timestamp),
    key: text(row.key),
    value: text(row.value),
    headers: row.headers === null ? [] : headersFrom(text(row.headers)),
  };
}

function headersFrom(json: string): RecordHeader[] {
  return JSON.parse(json);
}

function integer(value: SQLOutputValue | undefined): number {
  if (typeof value !== "number") throw new TypeError("The log's file is damaged: a number is expected");
  return value;
}

function text(value: SQLOutputValue | undefined): string {
  if (typeof value !== "string") throw new TypeError("The log's file is damaged: a text is expected");
  return value;
}
