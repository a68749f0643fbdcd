/** A figure over several runs. */
export type Median = { median: number; least: number; most: number };

/** The median, the least and the most of some figures; null without figures. */
export function medianOf(values: readonly number[]): Median | null {
  const sorted = Float64Array.from(values).sort();
  const [least, most] = [sorted[0], sorted.at(-1)];
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  const high = sorted[Math.ceil((sorted.length - 1) / 2)];
  if (least === undefined || most === undefined || low === undefined || high === undefined) return null;
  return { median: (low + high) / 2, least, most };
}

/** A number with its significant digits. */
export function showNumber(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (value >= 100) return Math.round(value).toLocaleString("en");
  return value === 0 ? "0" : value.toPrecision(value < 0.1 ? 2 : 3).replace(/\.?0+$/, "");
}

/** A median, with least and most when there were several runs. */
export function showMedian(values: readonly number[]): string {
  const median = medianOf(values);
  if (median === null) return "";
  if (values.length === 1) return showNumber(median.median);
  return `${showNumber(median.median)} (${showNumber(median.least)}–${showNumber(median.most)})`;
}
