import { z } from "zod";
import { Health } from "./health.ts";
import { Timestamp } from "./ids.ts";

/** A lease on a Snowflake worker id; `leaseMs` is null when the lease has lapsed, and only its clock is left. */
const WorkerLease = z.object({
  workerId: z.int(),
  newestAt: Timestamp,
  leaseMs: z.int().nullable(),
});

/** A bucket that has registered. */
export const BucketSockets = z.object({
  address: z.string(),
  /** as of the last renewal of its lease, every 30 s */
  sockets: z.int(),
  /** the people and groups whose events go to this bucket */
  people: z.int(),
  groups: z.int(),
  leaseLapsesAt: Timestamp,
  /** a recovery could not register it, and it has not registered itself since */
  missed: z.boolean(),
});
export type BucketSockets = z.infer<typeof BucketSockets>;

/** What waits, as Redis knows it. */
const Backlog = z.object({
  /** whether Redis is complete; false until a recovery has rebuilt it */
  whole: z.boolean(),
  recovering: z.boolean(),
  /** hand-overs that are not delivered yet, and the time of the oldest */
  marks: z.int(),
  oldestMarkAt: Timestamp.nullable(),
  /** records of the status list */
  status: z.int(),
  workers: z.array(WorkerLease),
  buckets: z.int(),
  sockets: z.int(),
});

/** What waits in the database; counted up to 10,000. */
const Stored = z.object({ pendingFacts: z.int(), deadLetters: z.int() });

/** The system at a glance. A part is null while its store does not respond. */
export const OperatorStatus = z.object({
  health: Health,
  redis: Backlog.nullable(),
  database: Stored.nullable(),
});
export type OperatorStatus = z.infer<typeof OperatorStatus>;

/** The lock of a topic. */
export const TopicLock = z.object({
  topic: z.string(),
  owner: z.string(),
  lapsesInMs: z.int(),
  /** wake-ups since the topic was last released without a new one */
  wakes: z.int(),
});
export type TopicLock = z.infer<typeof TopicLock>;

/** A topic that is not drained to its end. */
export const TopicLag = z.object({
  topic: z.string(),
  committed: z.int(),
  end: z.int(),
  lag: z.int(),
  /** when the oldest hand-over was marked, if it is among the 1,000 oldest of all */
  behindSince: Timestamp.nullable(),
  lock: TopicLock.nullable(),
});
export type TopicLag = z.infer<typeof TopicLag>;

/** Who has locked what: the system's own locks by name, and those of topics that are behind. */
export const LockList = z.object({
  system: z.array(z.object({ name: z.string(), owner: z.string(), lapsesInMs: z.int() })),
  topics: z.array(TopicLock),
});
export type LockList = z.infer<typeof LockList>;

/** The buckets that have registered, by address. */
export const SocketList = z.object({ buckets: z.array(BucketSockets), sockets: z.int() });
export type SocketList = z.infer<typeof SocketList>;
