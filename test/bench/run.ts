import { join } from "node:path";
import type { System } from "../harness/system.ts";
import type { BareWorkers } from "./ceiling/host.ts";
import type { Flags } from "./flags.ts";
import { Helper } from "./helper.ts";
import { type LoadGenerator, withLoad } from "./load/generator.ts";
import { type Measurement, type Meters, measure } from "./measurement.ts";
import { bareScenarios, SCENARIOS, type Scenario, soakOrder, WARM_UP } from "./scenarios.ts";
import { complaintsOf, withSystem } from "./system/bench-system.ts";
import { readCpu } from "./system/cpu.ts";
import { readOperations } from "./system/operations.ts";
import { START, type Variant } from "./system/variants.ts";

/** The context of a benchmark. */
export type Bench = {
  flags: Flags;
  /** Prints progress. */
  say: (what: string) => void;
  /** Ends everything early. */
  over: AbortSignal;
};

/** The figures of a system, with violations and complaints. */
export type SystemRun = {
  measurements: Measurement[];
  /** Promises that were not kept. */
  violations: string[];
  /** Warnings and errors in the system's log. */
  complaints: string[];
};

/** Measures the bare Workers. */
export async function runCeiling(bench: Bench): Promise<Measurement[]> {
  const host = new Helper(join(import.meta.dirname, "ceiling/host.ts"), bench.over);
  try {
    const { echo, broadcast } = (await host.next()) as BareWorkers;
    return await withLoad(bench.over, (load) => {
      const meters = { cpu: () => readCpu({ load: load.pid }), operations: async () => ({}) };
      return measureAll(bench, bareScenarios(echo, broadcast), load, meters);
    });
  } finally {
    await host.close();
  }
}

/** Starts a system and measures the requested parts. */
export function runSystem(bench: Bench, variant: Variant): Promise<SystemRun> {
  const scenarios = SCENARIOS.filter(({ part }) => bench.flags.only.includes(part));
  return withPeople(bench, variant, async (system, load, found) => {
    const { gateway } = system.pids();
    const meters: Meters = {
      cpu: () => readCpu({ gateway, load: load.pid }),
      operations: (when) => readOperations(system, when),
    };
    found.push(...(await load.do(WARM_UP)).violations);
    const measurements = found.length > 0 ? [] : await measureAll(bench, scenarios, load, meters);
    found.push(...measurements.flatMap(({ violations }) => violations));
    if (found.length > 0) return measurements;
    bench.say("comparing what was received with history");
    found.push(...(await load.do({ kind: "verify" })).violations);
    return measurements;
  });
}

/** Starts a system and checks it under load, again and again. */
export function runSoak(bench: Bench): Promise<SystemRun> {
  const { soak, seconds } = bench.flags;
  return withPeople(bench, START, async (_, load, found) => {
    for (let round = 1; round <= soak && found.length === 0; round++) {
      const { tally, violations } = await load.do(soakOrder(seconds));
      found.push(...violations);
      if (tally === null) break;
      found.push(...(await load.do({ kind: "verify" })).violations);
      const { done, deliveries, repeats } = tally;
      bench.say(`${round} of ${soak}: ${done} messages, ${deliveries} deliveries, ${repeats} repeats`);
    }
    return [];
  });
}

/** Prepares the people in a new system; `found` collects the violations. The first violation ends the run. */
function withPeople(
  { flags, say, over }: Bench,
  variant: Variant,
  use: (system: System, load: LoadGenerator, found: string[]) => Promise<Measurement[]>,
): Promise<SystemRun> {
  say(`starting a system: ${variant.name}`);
  const { deflate } = flags;
  return withSystem(
    (system) =>
      withLoad(over, async (load) => {
        say("gathering 100 people");
        const { violations } = await load.do({
          ...{ kind: "gather", url: system.url, deflate, sockets: variant.sockets },
        });
        // A new system always warns that its Redis is empty.
        const { length: ofTheStart } = await complaintsOf(system);
        const measurements = await use(system, load, violations);
        const complaints = (await complaintsOf(system)).slice(ofTheStart);
        return { measurements, violations, complaints };
      }),
    variant,
  );
}

async function measureAll(
  { flags, say }: Bench,
  scenarios: readonly Scenario[],
  load: LoadGenerator,
  meters: Meters,
): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (const scenario of scenarios) {
    say(scenario.name);
    const measurement = await measure(scenario, flags.seconds, load, meters);
    measurements.push(measurement);
    if (measurement.violations.length > 0) break;
  }
  return measurements;
}
