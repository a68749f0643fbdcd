/** Lines of aligned columns under their names; what cannot be in one line is made to. */
export function textTable(names: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const cells = [names, ...rows].map((row) => row.map(cellText));
  const widths = names.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function cellText(value: unknown): string {
  return value === null || value === undefined ? "-" : String(value).replaceAll(/\s+/g, " ");
}
