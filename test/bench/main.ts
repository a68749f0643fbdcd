/** `npm run bench`: measures the machine's ceiling and this system, and checks the system's promises meanwhile. */
import { writeFile } from "node:fs/promises";
import { BadFlag, type Flags, HELP, readFlags } from "./flags.ts";
import { describeMachine } from "./machine.ts";
import type { Measurement } from "./measurement.ts";
import { REFERENCES } from "./references.ts";
import { figuresTable, operationsTable } from "./report/print.ts";
import { type Bench, runCeiling, runSoak, runSystem, type SystemRun } from "./run.ts";
import { benchSearch } from "./search/search.ts";
import { START, serveVariants } from "./system/variants.ts";
import { runWhere, whereTable } from "./where/where.ts";

const LEGEND = `  p50, p99: from sending to receipt by the last of the others; of a batch: until everybody has all of it.
  CPU: seconds per 1,000 messages, in groups and broadcasts per 1,000 deliveries; rest is what starts and logs.`;
const EXIT_VIOLATED = 1;
const EXIT_BAD_FLAG = 2;
const EXIT_INTERRUPTED = 130;

const over = new AbortController();
// With `on`, not `once`: without a listener, execa would end this process before its children.
process.on("SIGINT", () => over.abort());
process.on("SIGTERM", () => over.abort());

const flags = flagsOrExit();
if (flags.help) console.log(HELP);
else {
  const bench: Bench = { flags, say: (what) => console.error(`… ${what}`), over: over.signal };
  try {
    process.exitCode = flags.soak > 0 ? await soak(bench) : await benchmark(bench);
  } catch (error) {
    if (!over.signal.aborted) throw error;
    process.exitCode = EXIT_INTERRUPTED;
  }
}

/** Runs the requested parts, the requested number of times, and prints the figures. */
async function benchmark(bench: Bench): Promise<number> {
  const machine = await describeMachine();
  const ceilings: Measurement[][] = [];
  const variants = bench.flags.serve ? [START, ...(await serveVariants())] : [START];
  const systems = variants.map(({ name }) => ({ name, runs: [] as SystemRun[] }));
  for (let run = 1; run <= bench.flags.runs; run++) {
    if (bench.flags.runs > 1) bench.say(`run ${run} of ${bench.flags.runs}`);
    if (asks(bench.flags, "ceiling")) ceilings.push(await runCeiling(bench));
    if (!asks(bench.flags, "idle", "pairs", "group", "batch")) continue;
    // In turns, so that a machine that changes its speed does so for all of them.
    for (const [index, variant] of variants.entries())
      systems[index]?.runs.push(await runSystem(bench, variant));
  }
  const where = asks(bench.flags, "where") ? await runWhere(bench) : null;
  const search = asks(bench.flags, "search") ? await benchSearch(bench.say) : null;
  if (bench.flags.json !== undefined) {
    await writeFile(bench.flags.json, `${JSON.stringify({ machine, ceilings, systems, where }, null, 2)}\n`);
  }

  console.log(`${["npm run bench --", ...process.argv.slice(2)].join(" ")}\n${machine}\n`);
  if (ceilings.length > 0) {
    console.log(`The machine's ceiling: bare Workers, nothing stored\n${figuresTable(ceilings)}\n`);
  }
  const measured = systems.filter(({ runs }) => runs.length > 0);
  for (const { name, runs } of measured) {
    const figures = runs.map(({ measurements }) => measurements);
    console.log(`This system: ${name}\n${figuresTable(figures)}\n`);
    console.log(`Operations per message, or per batch\n${operationsTable(figures)}\n`);
  }
  if (measured.length > 0) console.log(`${LEGEND}\n\n${REFERENCES}\n`);
  if (where !== null)
    console.log(`Where the time of an idle pair's message goes\n${whereTable(where.timeline)}\n`);
  if (search !== null) console.log(`A search of messages among a million\n${search}\n`);
  const runs = [
    ...systems.flatMap(({ runs }) => runs),
    ...(where === null ? [] : [{ violations: where.violations, complaints: [] }]),
  ];
  return runs.length > 0 ? printVerdict(runs) : 0;
}

async function soak(bench: Bench): Promise<number> {
  return printVerdict([await runSoak(bench)]);
}

/** Prints violations and complaints; returns the exit code. */
function printVerdict(systems: readonly Pick<SystemRun, "violations" | "complaints">[]): number {
  const violations = systems.flatMap((system) => system.violations);
  const complaints = systems.flatMap((system) => system.complaints);
  if (complaints.length > 0) {
    console.log(`${complaints.length} warnings and errors in the system's log, the first of them:`);
    console.log(`${complaints.slice(0, 10).join("\n")}\n`);
  }
  if (violations.length === 0) {
    console.log(
      "Every message was accepted, received once by every device in rising order, and is in history once.",
    );
    return 0;
  }
  console.log(`${violations.length} VIOLATIONS:\n${violations.join("\n")}`);
  return EXIT_VIOLATED;
}

function asks({ only }: Flags, ...parts: Flags["only"]): boolean {
  return parts.some((part) => only.includes(part));
}

function flagsOrExit(): Flags {
  try {
    return readFlags(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof BadFlag)) throw error;
    console.error(`${error.message}\n\n${HELP}`);
    process.exit(EXIT_BAD_FLAG);
  }
}
