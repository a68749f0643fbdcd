import type { Counts } from "../counts.ts";
import type { Measurement } from "../measurement.ts";
import { medianOf, showMedian, showNumber } from "./median.ts";
import { table } from "./table.ts";

/** The figures of all runs: a row a load, a column a figure. */
export function figuresTable(runs: readonly (readonly Measurement[])[]): string {
  const columns = namesIn(runs, ({ figures }) => figures);
  const rows = loadsIn(runs).map((load) => [
    load,
    ...columns.map((column) => showMedian(valuesOf(runs, load, ({ figures }) => figures[column]))),
  ]);
  return table([["", ...columns], ...rows]);
}

/** The operations of all runs: a row an operation, a column a load, a median in each. */
export function operationsTable(runs: readonly (readonly Measurement[])[]): string {
  const loads = loadsIn(runs);
  const names = namesIn(runs, ({ operations }) => operations).sort();
  const rows = names.map((name) => [
    name,
    ...loads.map((load) => {
      const median = medianOf(valuesOf(runs, load, ({ operations }) => operations[name] ?? 0));
      return median === null || median.median === 0 ? "" : showNumber(median.median);
    }),
  ]);
  return table([...headOf(loads), ...rows]);
}

/** Names of loads are long, so each part is on a separate line. */
function headOf(loads: readonly string[]): string[][] {
  const parts = loads.map((load) => load.split(/, | in /));
  const height = Math.max(...parts.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) => ["", ...parts.map((words) => words[line] ?? "")]);
}

function loadsIn(runs: readonly (readonly Measurement[])[]): string[] {
  return [...new Set(runs.flat().map(({ name }) => name))];
}

function namesIn(
  runs: readonly (readonly Measurement[])[],
  countsOf: (measurement: Measurement) => Counts,
): string[] {
  return [...new Set(runs.flat().flatMap((measurement) => Object.keys(countsOf(measurement))))];
}

function valuesOf(
  runs: readonly (readonly Measurement[])[],
  load: string,
  figureOf: (measurement: Measurement) => number | undefined,
): number[] {
  const ofLoad = runs.flat().filter(({ name }) => name === load);
  return ofLoad.flatMap((measurement) => figureOf(measurement) ?? []);
}
