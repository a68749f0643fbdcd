import type { Protocol } from "../access/client.ts";

/** The requests of a protocol by operation, then by the HTTP status of their responses. */
export type RequestCounts = Record<string, Record<string, number>>;

/** Exact counts since the gateway's start: the one source of `GET /stats` and of the counters of `GET /metrics`. */
export interface Counters {
  readonly requests: Readonly<Record<Protocol, RequestCounts>>;
  /** Requests that have no response yet. */
  readonly inProgress: Record<Protocol, number>;
  readonly records: { produced: number; fetched: number };
  readonly commands: Record<string, number>;
  /** A transaction of three statements is one request and three statements. */
  statements: number;
}

/** Counters that are all zero. */
export function newCounters(): Counters {
  return {
    requests: { kafka: {}, redis: {}, sql: {} },
    inProgress: { kafka: 0, redis: 0, sql: 0 },
    records: { produced: 0, fetched: 0 },
    commands: {},
    statements: 0,
  };
}

/** Adds one to the counter of that name. */
export function count(counters: Record<string, number>, name: string): void {
  counters[name] = (counters[name] ?? 0) + 1;
}
