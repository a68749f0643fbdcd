export type CallRange = { offset: number; length: number } | { suffix: number };
export type CallCondition = { etagMatches?: string; etagDoesNotMatch?: string };

/** What a test asks of the bucket. */
export type BucketCall =
  | { op: "put"; key: string; size: number; options?: PutOptions }
  | { op: "get"; key: string; options?: { range?: CallRange; onlyIf?: CallCondition } }
  | { op: "head"; key: string }
  | { op: "delete"; keys: string[] }
  | { op: "list"; options: ListOptions }
  /** An upload in parts of these sizes. */
  | { op: "upload"; key: string; sizes: number[]; end: "complete" | "abort" | "wrong-part" };

export type DescribedObject = {
  key: string;
  size: number;
  etag: string;
  uploaded: number;
  contentType: string | undefined;
  custom: Record<string, string> | undefined;
  range: object | undefined;
};

/** What it returned. */
export type BucketResult = {
  error?: string;
  object?: DescribedObject | null;
  /** The bytes that came, as their number and the first of them. */
  body?: { size: number; first: number } | null;
  keys?: string[];
  prefixes?: string[];
  cursor?: string | null;
};

type PutOptions = {
  httpMetadata?: { contentType: string };
  customMetadata?: Record<string, string>;
  onlyIf?: CallCondition;
  md5?: string;
};
type ListOptions = {
  prefix: string;
  limit?: number;
  cursor?: string;
  delimiter?: string;
  startAfter?: string;
};
