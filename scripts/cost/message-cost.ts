import type { Load } from "./load.ts";
import { dollarsFor, type Item } from "./prices.ts";

/** Of frames that come in, so many are charged as one request. */
export const FRAMES_PER_REQUEST = 20;
/** The memory that an object is charged for while it is awake (GB). */
export const OBJECT_GB = 0.128;
/** How long a bucket is awake for a delivery (milliseconds): to write frames, in its own data center. */
export const DELIVERY_MS = 5;
/** What a stored text of 80 characters takes in Postgres, with its indexes and tokens (bytes): measured on `workers/testing/fill.ts`. */
export const STORED_BYTES = 850;
/** What a record takes in the log (bytes); it is written once and read once at most. */
const RECORD_BYTES = 500;

const GB = 1_000_000_000;
const HOUR_MS = 3_600_000;

/** A row of the table: what is charged, and the units of it that a message uses. */
export type Usage = { what: string; item: Item; units: (load: Load) => number };

/** What each message is charged for; plans, what they include, and machines are not in it. */
export const USAGES: readonly Usage[] = [
  { what: "Redis, by the command", item: "redisCommands", units: (load) => counted(load, "Redis commands") },
  {
    what: "Postgres: storage, a month",
    item: "databaseStorage",
    units: () => STORED_BYTES / GB,
  },
  {
    what: "Postgres: compute, at most",
    item: "databaseCompute",
    units: ({ storesCpuMs }) => storesCpuMs / HOUR_MS,
  },
  { what: "Workers: CPU, at most", item: "workerCpu", units: ({ workersCpuMs }) => workersCpuMs },
  {
    what: "objects: requests",
    item: "objectRequests",
    units: (load) => counted(load, "connect: bucketCalls") + 1 / FRAMES_PER_REQUEST,
  },
  {
    what: "objects: duration",
    item: "objectDuration",
    units: (load) => (awakeMs(load) / 1_000) * OBJECT_GB,
  },
  {
    what: "Kafka: transfer, if managed",
    item: "kafkaTransfer",
    units: () => (2 * RECORD_BYTES) / GB,
  },
];

/** What a million messages of a load cost, in dollars, by what is charged. */
export function dollarsPerMillion(load: Load): { what: string; dollars: number }[] {
  return USAGES.map(({ what, item, units }) => ({
    what,
    dollars: dollarsFor(item, units(load) * 1_000_000),
  }));
}

/** For how long buckets are awake for a message: while they wait for logic, and while they deliver. */
function awakeMs(load: Load): number {
  return (
    counted(load, "logic: submits") * load.acceptedMs + counted(load, "connect: bucketCalls") * DELIVERY_MS
  );
}

function counted({ name, operations }: Load, key: string): number {
  const value = operations[key];
  if (value === undefined) throw new Error(`the load ${name} has no count of ${key}`);
  return value;
}
