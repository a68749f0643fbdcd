import { readFile } from "node:fs/promises";
import { z } from "zod";

/** What the benchmark has counted of a load, for each message. */
export type Load = {
  name: string;
  /** how many devices of others get a message */
  deliveries: number;
  /** from sending to `accepted` (milliseconds): for so long a bucket waits for logic */
  acceptedMs: number;
  /** CPU milliseconds of the Workers and buckets, and of the stores */
  workersCpuMs: number;
  storesCpuMs: number;
  /** operations by the benchmark's names */
  operations: Readonly<Record<string, number>>;
};

const Counts = z.record(z.string(), z.number());
const Measurement = z.object({ name: z.string(), figures: Counts, operations: Counts });
const Run = z.object({ measurements: z.array(Measurement) });
/** What `npm run bench -- --json FILE` writes; the first system is `npm start`. */
const Report = z.object({
  systems: z.array(z.object({ name: z.string(), runs: z.array(Run).min(1) })).min(1),
});

/** The loads that are messages one by one; batches have other units. */
const MESSAGES = /pair|group/;

/** Reads a report of the benchmark: medians over its runs. */
export async function readLoads(file: string): Promise<Load[]> {
  const report = Report.parse(JSON.parse(await readFile(file, "utf8")));
  const measurements = report.systems[0]?.runs.flatMap((run) => run.measurements) ?? [];
  const names = [...new Set(measurements.map(({ name }) => name))].filter((name) => MESSAGES.test(name));
  return names.map((name) => loadOf(measurements.filter((measurement) => measurement.name === name)));
}

function loadOf(runs: z.infer<typeof Measurement>[]): Load {
  const { name = "" } = runs[0] ?? {};
  const figure = (key: string) => median(runs.map(({ figures }) => figures[key] ?? 0));
  const deliveries = figure("deliveries/s") / figure("messages/s");
  // Of groups, the benchmark has CPU seconds for a thousand deliveries; of pairs, for a thousand messages.
  const cpuMs = (program: string) => figure(`CPU ${program}`) * (name.startsWith("group") ? deliveries : 1);
  const keys = [...new Set(runs.flatMap(({ operations }) => Object.keys(operations)))];
  return {
    name,
    deliveries,
    acceptedMs: figure("accepted p50 ms"),
    workersCpuMs: cpuMs("workerd"),
    storesCpuMs: cpuMs("gateway"),
    operations: Object.fromEntries(
      keys.map((key) => [key, median(runs.map(({ operations }) => operations[key] ?? 0))]),
    ),
  };
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  return (upper + lower) / 2;
}
