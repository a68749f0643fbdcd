import { setTimeout as sleep } from "node:timers/promises";
import { type Counts, growth, share } from "./counts.ts";
import type { LoadGenerator } from "./load/generator.ts";
import type { Tally } from "./load/orders.ts";
import type { Scenario } from "./scenarios.ts";

/** How long the load's work goes on after the last receipt, such as the commit (milliseconds). */
const SETTLE_MS = 500;

/** The figures of one load, by name; operations are per message or per batch. */
export type Measurement = { name: string; figures: Counts; operations: Counts; violations: string[] };

/** The meters that are read before and after a load. */
export type Meters = {
  cpu: () => Counts;
  operations: (when: "before" | "after") => Promise<Counts>;
};

/** Runs one load between two readings of all meters. */
export async function measure(
  scenario: Scenario,
  seconds: number,
  load: LoadGenerator,
  meters: Meters,
): Promise<Measurement> {
  const operationsBefore = await meters.operations("before");
  const cpuBefore = meters.cpu();
  const { tally, violations } = await load.do(scenario.order(seconds));
  await sleep(SETTLE_MS);
  const cpu = growth(cpuBefore, meters.cpu());
  const operations = growth(operationsBefore, await meters.operations("after"));
  if (tally === null) return { name: scenario.name, figures: {}, operations: {}, violations };

  const repeated = tally.repeats > 0 ? { repeats: tally.repeats } : {};
  return {
    name: scenario.name,
    figures: { ...speedOf(scenario, tally), ...cpuOf(scenario, tally, cpu), ...repeated },
    operations: share(
      { ...operations, "frames out": tally.frames, "events out": tally.events },
      Math.max(1, tally.done),
    ),
    violations,
  };
}

function speedOf({ per }: Scenario, { done, deliveries, seconds, receivedMs, acceptedMs }: Tally): Counts {
  return {
    // Batches follow each other after pauses: they have no rate.
    ...(per === "message" && { "messages/s": done / seconds, "deliveries/s": deliveries / seconds }),
    "p50 ms": receivedMs.p50,
    "p99 ms": receivedMs.p99,
    ...(!Number.isNaN(acceptedMs.p50) && { "accepted p50 ms": acceptedMs.p50 }),
  };
}

function cpuOf({ per, cpuPer }: Scenario, { done, deliveries }: Tally, cpu: Counts): Counts {
  if (per === "batch") return {};
  const thousands = (cpuPer === "message" ? done : deliveries) / 1_000;
  return Object.fromEntries(
    Object.entries(cpu).map(([program, seconds]) => [`CPU ${program}`, seconds / Math.max(thousands, 0.001)]),
  );
}
