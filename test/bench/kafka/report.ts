import { showNumber } from "../report/median.ts";
import { table } from "../report/table.ts";

/** Figures by what they are of and by the number of topics; each is shown as soon as it is known, too. */
export class Report {
  readonly #rows = new Map<string, Map<number, string>>();

  note(topics: number, what: string, ...figures: readonly number[]): void {
    const shown = figures.map(showNumber).join(" / ");
    const row = this.#rows.get(what) ?? new Map<number, string>();
    this.#rows.set(what, row.set(topics, shown));
    console.error(`… ${topics.toLocaleString("en")} topics: ${what}: ${shown}`);
  }

  /** A row for each kind of figure, a column for each number of topics. */
  table(): string {
    const columns = [...new Set([...this.#rows.values()].flatMap((row) => [...row.keys()]))];
    columns.sort((a, b) => a - b);
    const rows = [...this.#rows].map(([what, row]) => [
      what,
      ...columns.map((column) => row.get(column) ?? ""),
    ]);
    return table([["topics", ...columns.map((column) => column.toLocaleString("en"))], ...rows]);
  }
}
