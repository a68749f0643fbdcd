/**
 * List prices, in US dollars without taxes and discounts: the only place that names one. They were read on 2026-11-30 in stored
 * copies of the vendors' pages, not on the live ones, so look at `source` before you rely on one. `dated` is the newest day that a
 * copy, or somebody who quotes the page, vouches for; null where no day can be told.
 */
export type Price = {
  dollars: number;
  /** for so many units */
  per: number;
  unit: string;
  /** units a month that the plan includes */
  included: number;
  source: string;
  dated: string | null;
  /** what is not certain about it */
  doubt?: string;
};

const MILLION = 1_000_000;

const WORKERS = "https://developers.cloudflare.com/workers/platform/pricing/";
const OBJECTS = "https://developers.cloudflare.com/durable-objects/platform/pricing/";
const R2 = "https://developers.cloudflare.com/r2/pricing/";
const UPSTASH = "https://upstash.com/pricing/redis";
const NEON = "https://neon.com/docs/introduction/plans";
const HETZNER = "https://www.hetzner.com/cloud/";
const CONFLUENT = "https://www.confluent.io/pricing/";

function price(
  [dollars, per, unit]: [number, number, string],
  source: string,
  dated: string | null,
  { included = 0, ...rest }: { included?: number; doubt?: string } = {},
): Price {
  return { dollars, per, unit, included, source, dated, ...rest };
}

/** The prices by what is charged for. */
export const PRICES = {
  /** the Workers Paid plan, which everything of Cloudflare's here needs */
  workersPlan: price([5, 1, "month"], WORKERS, "2026-08-03"),
  /** requests from outside: neither calls between Workers, nor frames, nor files of the web client */
  workerRequests: price([0.3, MILLION, "requests"], WORKERS, "2026-08-03", { included: 10 * MILLION }),
  workerCpu: price([0.02, MILLION, "CPU ms"], WORKERS, "2026-08-03", { included: 30 * MILLION }),
  workerLogs: price([0.6, MILLION, "log lines"], WORKERS, null, {
    included: 20 * MILLION,
    doubt: "From 1 December 2026 another price list applies, which was not to be had.",
  }),
  /** calls, alarms, sockets that open; of frames that come in, twenty are one; those that go out are free */
  objectRequests: price([0.15, MILLION, "requests"], OBJECTS, null, { included: MILLION }),
  objectDuration: price([12.5, MILLION, "GB-s"], OBJECTS, null, { included: 400_000 }),
  objectRowsWritten: price([1, MILLION, "rows"], OBJECTS, null, { included: 50 * MILLION }),
  objectStorage: price([0.2, 1, "GB-month"], OBJECTS, null, { included: 5 }),
  /** three for a message: written, read, deleted */
  queueOperations: price(
    [0.4, MILLION, "operations"],
    "https://developers.cloudflare.com/queues/platform/pricing/",
    null,
    { included: MILLION },
  ),
  mediaStorage: price([0.015, 1, "GB-month"], R2, "2026-06-13", { included: 10 }),
  mediaWrites: price([4.5, MILLION, "class A operations"], R2, "2026-06-13", { included: MILLION }),
  mediaReads: price([0.36, MILLION, "class B operations"], R2, "2026-06-13", { included: 10 * MILLION }),
  smallerPictures: price(
    [0.5, 1_000, "pictures in one size"],
    "https://developers.cloudflare.com/images/pricing/",
    null,
    { included: 5_000 },
  ),
  redisCommands: price([0.2, 100_000, "commands"], UPSTASH, "2026-11-09", {
    doubt: "Taken as: each command of a pipeline is one, and a script is one.",
  }),
  redisStorage: price([0.25, 1, "GB-month"], UPSTASH, "2026-09-20", { included: 1 }),
  /** the plan Launch; Scale is 0.222 */
  databaseCompute: price([0.106, 1, "CU-hour"], NEON, "2026-11-12"),
  databaseStorage: price([0.35, 1, "GB-month"], NEON, "2026-11-12"),
  databaseHistory: price([0.2, 1, "GB-month"], NEON, "2026-03-20"),
  databaseTransfer: price([0.1, 1, "GB"], NEON, "2026-03-20", { included: 100 }),
  /** Confluent Cloud Basic; it has a limit of partitions, so it needs `TOPIC_LAYOUT` */
  kafkaUnit: price([0.14, 1, "eCKU-hour"], CONFLUENT, "2026-09-05", { included: 730 }),
  kafkaTransfer: price([0.05, 1, "GB in or out"], CONFLUENT, "2026-09-05", {
    doubt: "The price of the cheapest region.",
  }),
  kafkaStorage: price([0.08, 1, "GB-month"], CONFLUENT, "2026-09-05"),
  /** a machine with 2 dedicated vCPUs and 8 GB (Hetzner CCX13): 42.99 EUR at 1.1133 */
  smallMachine: price([47.86, 1, "month"], HETZNER, "2026-10-28", {
    doubt: "From a third party's list (moveinfra/eu-cloud-prices); without traffic and backups.",
  }),
  /** a machine with 4 dedicated vCPUs and 16 GB (Hetzner CCX23): 85.99 EUR at 1.1133 */
  machine: price([95.73, 1, "month"], HETZNER, "2026-10-28", {
    doubt: "From a third party's list (moveinfra/eu-cloud-prices); without traffic and backups.",
  }),
} as const satisfies Record<string, Price>;

/** What is charged for. */
export type Item = keyof typeof PRICES;

/** What so many units cost: without what the plan includes, or with it. */
export function dollarsFor(item: Item, units: number, { included = false } = {}): number {
  const { dollars, per, included: free } = PRICES[item];
  return (Math.max(0, units - (included ? free : 0)) * dollars) / per;
}
