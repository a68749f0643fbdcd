import type { Condition } from "./condition.ts";

/** What an object carries beside its bytes. */
export type Metadata = {
  http: Record<string, string>;
  custom: Record<string, string>;
};

/** A stored object without its bytes. */
export type StoredObject = Metadata & {
  key: string;
  version: string;
  size: number;
  etag: string;
  /** milliseconds since the epoch */
  uploaded: number;
};

/** Consecutive bytes of an object. */
export type Range = { offset: number; length: number };

/** As a caller writes it: both ends are open, and `suffix` counts from the end. */
export type WantedRange = {
  offset?: number | undefined;
  length?: number | undefined;
  suffix?: number | undefined;
};

/** Bytes to store, as they arrive. */
export type Body = { stream: ReadableStream<Uint8Array>; size: number };

/** An object that was asked for: `body` is null when the condition does not hold. */
export type Found = { object: StoredObject; range: Range; body: ReadableStream<Uint8Array> | null };

export type ListOptions = {
  prefix: string;
  limit: number;
  startAfter: string | null;
  cursor: string | null;
  delimiter: string | null;
};
export type ListPage = { objects: StoredObject[]; delimitedPrefixes: string[]; cursor: string | null };

/** A part of an upload in parts, as its uploader names it. */
export type Part = { partNumber: number; etag: string };

/** A place for objects, with the semantics of an R2 bucket. Methods throw an `R2Error` for what a caller did wrong. */
export interface ObjectStore {
  /** Returns null when there is none. */
  head(key: string): Promise<StoredObject | null>;
  /** Returns null when there is none. */
  get(key: string, range: WantedRange | null, condition: Condition | null): Promise<Found | null>;
  /** Returns null when the condition does not hold. */
  put(key: string, body: Body, metadata: Metadata, condition: Condition | null): Promise<StoredObject | null>;
  delete(keys: readonly string[]): Promise<void>;
  list(options: ListOptions): Promise<ListPage>;
  /** Returns the id of the upload. */
  createUpload(key: string, metadata: Metadata): Promise<string>;
  /** Returns the etag of the part. */
  uploadPart(key: string, uploadId: string, partNumber: number, body: Body): Promise<string>;
  completeUpload(key: string, uploadId: string, parts: readonly Part[]): Promise<StoredObject>;
  abortUpload(key: string, uploadId: string): Promise<void>;
}
