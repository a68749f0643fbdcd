/** Exact counts of the gateway's requests since its start. Served by `GET /stats`. */
export interface Counters {
  readonly kafka: {
    readonly requests: Record<string, number>;
    readonly records: { produced: number; fetched: number };
  };
  readonly redis: { requests: number; readonly commands: Record<string, number> };
  /** A transaction of three statements is one request and three statements. */
  readonly postgres: { requests: number; statements: number };
}

/** Counters that are all zero. */
export function newCounters(): Counters {
  return {
    kafka: { requests: {}, records: { produced: 0, fetched: 0 } },
    redis: { requests: 0, commands: {} },
    postgres: { requests: 0, statements: 0 },
  };
}

/** Adds one to the counter of that name. */
export function count(counters: Record<string, number>, name: string): void {
  counters[name] = (counters[name] ?? 0) + 1;
}
