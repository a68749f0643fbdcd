import { DurableObject } from "cloudflare:workers";
import { createHash } from "node:crypto";
import { z } from "zod";
import { type Condition, holds } from "./condition.ts";
import type { ListOptions, ListPage, Metadata as ObjectMetadata, Part, StoredObject } from "./store.ts";

const File = z.object({ name: z.string(), size: z.int() });
/** A file with bytes of an object; an upload in parts has one a part. */
export type File = z.infer<typeof File>;
const Files = z.array(File);
const Metadata = z.object({
  http: z.record(z.string(), z.string()),
  custom: z.record(z.string(), z.string()),
});

/** What a caller did wrong, as a return value: thrown errors lose their fields on the way. */
export type Mistake = "noSuchUpload" | "invalidPart";

/** How long a file may be written before it counts as left behind (milliseconds). */
const WRITE_MS = 24 * 3_600_000;
/** When a file that could not be removed is tried again (milliseconds). */
const RETRY_MS = 3_600_000;
/** How long an upload in parts may take (milliseconds). */
const UPLOAD_MS = 7 * 24 * 3_600_000;
/** How many files an alarm removes. */
const REMOVED_AT_ONCE = 200;

/** Follows every character: what begins with a text is before the text with this character. */
const LAST = "\u{10ffff}";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS objects (
    key TEXT PRIMARY KEY, version TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL, uploaded INTEGER NOT NULL,
    metadata TEXT NOT NULL, files TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS uploads (id TEXT PRIMARY KEY, key TEXT NOT NULL, metadata TEXT NOT NULL, begun INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS parts (
    upload TEXT NOT NULL, number INTEGER NOT NULL, etag TEXT NOT NULL, file TEXT NOT NULL, size INTEGER NOT NULL,
    PRIMARY KEY (upload, number));
  -- The files that no object has, and when each is removed.
  CREATE TABLE IF NOT EXISTS loose_files (name TEXT PRIMARY KEY, due INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS loose_files_due ON loose_files (due);`;

type ObjectRow = {
  key: string;
  version: string;
  size: number;
  etag: string;
  uploaded: number;
  metadata: string;
  files: string;
};

/**
 * The list of the objects on disk. A file is entered as loose before its first byte is written, and an object takes it out
 * of that list in the transaction in which it appears: whatever is cut off, no file is forgotten.
 */
export class Catalogue extends DurableObject<{ FILES: Fetcher }> {
  readonly #sql = this.ctx.storage.sql;

  constructor(context: DurableObjectState, env: { FILES: Fetcher }) {
    super(context, env);
    this.#sql.exec(SCHEMA);
  }

  find(key: string): { object: StoredObject; files: File[] } | null {
    const [row] = this.#sql.exec<ObjectRow>("SELECT * FROM objects WHERE key = ?", key).toArray();
    return row === undefined ? null : { object: objectOf(row), files: Files.parse(JSON.parse(row.files)) };
  }

  /** Names a new file. */
  async reserve(): Promise<string> {
    const name = crypto.randomUUID();
    this.#loosen([name], WRITE_MS);
    await this.#ring();
    return name;
  }

  /** Makes a written file an object, in the place of what had the key. Returns null when the condition does not hold. */
  async put(
    key: string,
    { file, etag, metadata }: { file: File; etag: string; metadata: ObjectMetadata },
    condition: Condition | null,
  ): Promise<StoredObject | null> {
    const before = this.find(key);
    const stored = condition === null || holds(condition, before?.object ?? null);
    const object = stored ? this.#store(key, [file], etag, metadata) : null;
    if (!stored) this.#loosen([file.name], 0);
    await this.#ring();
    return object;
  }

  async remove(keys: string[]): Promise<void> {
    for (const key of keys) this.#removeOne(key);
    await this.#ring();
  }

  list({ prefix, limit, startAfter, cursor, delimiter }: ListOptions): ListPage {
    const objects: StoredObject[] = [];
    const prefixes: string[] = [];
    let after = cursor ?? startAfter ?? "";
    for (;;) {
      const [row] = this.#sql
        .exec<ObjectRow>(
          "SELECT * FROM objects WHERE key > ? AND key >= ? AND key < ? ORDER BY key LIMIT 1",
          ...[after, prefix, `${prefix}${LAST}`],
        )
        .toArray();
      if (row === undefined) return { objects, delimitedPrefixes: prefixes, cursor: null };
      if (objects.length + prefixes.length === limit)
        return { objects, delimitedPrefixes: prefixes, cursor: after };
      const end = delimiter === null ? -1 : row.key.indexOf(delimiter, prefix.length);
      if (end === -1 || delimiter === null) {
        objects.push(objectOf(row));
        after = row.key;
      } else {
        const common = row.key.slice(0, end + delimiter.length);
        prefixes.push(common);
        after = `${common}${LAST}`;
      }
    }
  }

  createUpload(key: string, metadata: ObjectMetadata): string {
    const id = crypto.randomUUID();
    this.#sql.exec("INSERT INTO uploads VALUES (?, ?, ?, ?)", id, key, JSON.stringify(metadata), Date.now());
    return id;
  }

  /** Makes a written file a part, in the place of one with the same number. */
  async putPart(
    key: string,
    id: string,
    number: number,
    file: File,
    etag: string,
  ): Promise<{ etag: string } | Mistake> {
    if (this.#upload(key, id) === null) return "noSuchUpload";
    this.#loosen(this.#partFiles("upload = ? AND number = ?", id, number), 0);
    this.#sql.exec(
      "INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?)",
      id,
      number,
      etag,
      file.name,
      file.size,
    );
    // It stays among the loose files until the upload is complete, for as long as that may take.
    this.#loosen([file.name], UPLOAD_MS);
    await this.#ring();
    return { etag };
  }

  async completeUpload(key: string, id: string, parts: readonly Part[]): Promise<StoredObject | Mistake> {
    const metadata = this.#upload(key, id);
    if (metadata === null) return "noSuchUpload";
    const known = new Map(
      this.#sql
        .exec<{ number: number; etag: string; file: string; size: number }>(
          "SELECT * FROM parts WHERE upload = ?",
          id,
        )
        .toArray()
        .map((part) => [part.number, part]),
    );
    const chosen = parts.flatMap(({ partNumber, etag }) =>
      known.get(partNumber)?.etag === etag ? (known.get(partNumber) ?? []) : [],
    );
    if (chosen.length < parts.length) return "invalidPart";
    chosen.sort((one, other) => one.number - other.number);
    const digest = createHash("md5");
    for (const { etag } of chosen) digest.update(etag, "hex");
    const files = chosen.map(({ file, size }) => ({ name: file, size }));
    const object = this.#store(key, files, `${digest.digest("hex")}-${files.length}`, metadata);
    this.#endUpload(id, new Set(files.map(({ name }) => name)));
    await this.#ring();
    return object;
  }

  async abortUpload(key: string, id: string): Promise<void> {
    if (this.#upload(key, id) === null) return;
    this.#endUpload(id, new Set());
    await this.#ring();
  }

  /** Removes the files that are due. One that cannot be removed is tried again later. */
  override async alarm(): Promise<void> {
    const now = Date.now();
    const late = this.#sql
      .exec<{ id: string }>("SELECT id FROM uploads WHERE begun < ?", now - UPLOAD_MS)
      .toArray();
    for (const { id } of late) this.#endUpload(id, new Set());
    const due = this.#sql
      .exec<{ name: string }>(
        "SELECT name FROM loose_files WHERE due <= ? ORDER BY due LIMIT ?",
        now,
        REMOVED_AT_ONCE,
      )
      .toArray();
    for (const { name } of due) {
      const { ok, status } = await this.env.FILES.fetch(fileUrl(name), { method: "DELETE" });
      if (ok || status === 404) this.#sql.exec("DELETE FROM loose_files WHERE name = ?", name);
      else this.#loosen([name], RETRY_MS);
    }
    await this.#ring();
  }

  #store(key: string, files: File[], etag: string, metadata: ObjectMetadata): StoredObject {
    this.#removeOne(key);
    const object = {
      ...{ key, etag, version: crypto.randomUUID().replaceAll("-", ""), uploaded: Date.now() },
      size: files.reduce((sum, { size }) => sum + size, 0),
    };
    this.#sql.exec(
      "INSERT INTO objects VALUES (?, ?, ?, ?, ?, ?, ?)",
      ...[object.key, object.version, object.size, object.etag, object.uploaded],
      ...[JSON.stringify(metadata), JSON.stringify(files)],
    );
    for (const { name } of files) this.#sql.exec("DELETE FROM loose_files WHERE name = ?", name);
    return { ...object, ...metadata };
  }

  #removeOne(key: string): void {
    const [row] = this.#sql
      .exec<{ files: string }>("DELETE FROM objects WHERE key = ? RETURNING files", key)
      .toArray();
    if (row !== undefined)
      this.#loosen(
        Files.parse(JSON.parse(row.files)).map(({ name }) => name),
        0,
      );
  }

  /** The metadata that the object of an upload will have; null when there is no such upload. */
  #upload(key: string, id: string): ObjectMetadata | null {
    const [row] = this.#sql
      .exec<{ metadata: string }>("SELECT metadata FROM uploads WHERE id = ? AND key = ?", id, key)
      .toArray();
    return row === undefined ? null : Metadata.parse(JSON.parse(row.metadata));
  }

  #endUpload(id: string, kept: ReadonlySet<string>): void {
    this.#loosen(
      this.#partFiles("upload = ?", id).filter((name) => !kept.has(name)),
      0,
    );
    this.#sql.exec("DELETE FROM parts WHERE upload = ?", id);
    this.#sql.exec("DELETE FROM uploads WHERE id = ?", id);
  }

  #partFiles(condition: string, ...values: (string | number)[]): string[] {
    const rows = this.#sql
      .exec<{ file: string }>(`SELECT file FROM parts WHERE ${condition}`, ...values)
      .toArray();
    return rows.map(({ file }) => file);
  }

  #loosen(names: readonly string[], ms: number): void {
    for (const name of names) {
      this.#sql.exec("INSERT OR REPLACE INTO loose_files VALUES (?, ?)", name, Date.now() + ms);
    }
  }

  async #ring(): Promise<void> {
    const { due } = this.#sql.exec<{ due: number | null }>("SELECT min(due) AS due FROM loose_files").one();
    if (due === null) return;
    const set = await this.ctx.storage.getAlarm();
    if (set === null || due < set) await this.ctx.storage.setAlarm(due);
  }
}

/** The path of a file: a few hundred folders, so that none grows large. */
export function fileUrl(name: string): string {
  return `https://files/${name.slice(0, 2)}/${name}`;
}

function objectOf({ files: _files, metadata, ...row }: ObjectRow): StoredObject {
  return { ...row, ...Metadata.parse(JSON.parse(metadata)) };
}
