/** A table in Markdown, as the documentation has it: the first row is its head. */
export function markdownTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Dollars with two significant digits, and cents at least. */
export function showDollars(dollars: number): string {
  if (dollars === 0) return "0";
  if (dollars < 0.01) return "<0.01";
  return dollars < 100 ? dollars.toFixed(2) : Math.round(dollars).toLocaleString("en");
}

/** A count with three significant digits. */
export function showCount(count: number): string {
  if (count >= 1e12) return `${(count / 1e12).toPrecision(3)} T`;
  if (count >= 1e9) return `${(count / 1e9).toPrecision(3)} B`;
  if (count >= 1e6) return `${(count / 1e6).toPrecision(3)} M`;
  if (count >= 1_000) return Math.round(count).toLocaleString("en");
  return count >= 10 ? String(Math.round(count)) : String(Number(count.toPrecision(2)));
}
