/** Numbers by name. */
export type Counts = Record<string, number>;

/** The increase of each number; those without an increase are left out. */
export function growth(before: Counts, after: Counts): Counts {
  const grown = Object.entries(after).map(([name, value]) => [name, value - (before[name] ?? 0)] as const);
  return Object.fromEntries(grown.filter(([, value]) => value !== 0));
}

/** Every number divided by the same divisor. */
export function share(counts: Counts, by: number): Counts {
  return Object.fromEntries(Object.entries(counts).map(([name, value]) => [name, value / by]));
}
