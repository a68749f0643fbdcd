import type { ReadableRecord } from "../../lib/message-log.ts";
import type { Topic } from "../../schema/internal/topic.ts";

/** How many records are remembered. */
const MAX_REMEMBERED = 1_000;

/**
 * When each kind of record was last applied by this isolate, and since when single records have been refused. Only a memory: when
 * it is lost with the isolate, a bad record is recognised one attempt later.
 */
const appliedAt = new Map<string, number>();
const refusedSince = new Map<string, number>();

/** A record that Postgres refused when it was alone, for a reason that may be the record's or Postgres' own. */
export type Suspect = { record: ReadableRecord; fault: Error };

/**
 * Records were refused, and no other of their kind has been applied since: the fault may be Postgres' own, such as a missing
 * table. Their topics are drained again later, the others of the batch at once.
 */
export class Suspected extends Error {
  override readonly name = "Suspected";
  readonly topics: ReadonlySet<Topic>;

  constructor(suspects: readonly Suspect[]) {
    super(suspects[0]?.fault.message, { cause: suspects[0]?.fault });
    this.topics = new Set(suspects.map(({ record }) => record.topic));
  }
}

/** Notes that Postgres has applied records of these kinds. */
export function noteApplied(records: readonly ReadableRecord[]): void {
  const now = Date.now();
  for (const record of records) appliedAt.set(kindOf(record), now);
}

/**
 * Those of some suspects that are to blame themselves: since they were first refused, in an attempt that began at `begun` or
 * before it, others of their kind were applied.
 */
export function toBlame(suspects: readonly Suspect[], begun: number): Suspect[] {
  return suspects.filter(({ record }) => {
    const key = `${record.topic}@${record.offset}`;
    const since = refusedSince.get(key) ?? begun;
    const isToBlame = (appliedAt.get(kindOf(record)) ?? 0) >= since;
    if (isToBlame) refusedSince.delete(key);
    else remember(key, since);
    return isToBlame;
  });
}

function remember(key: string, since: number): void {
  refusedSince.set(key, since);
  const [oldest] = refusedSince.keys();
  if (refusedSince.size > MAX_REMEMBERED && oldest !== undefined) refusedSince.delete(oldest);
}

function kindOf({ record }: ReadableRecord): string {
  return record.kind === "operation" ? record.operation.op : record.fact.kind;
}
