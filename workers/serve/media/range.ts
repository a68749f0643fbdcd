import { R2Error } from "./r2-error.ts";
import type { Range, WantedRange } from "./store.ts";

/** The bytes that a wanted range means in an object of this size. Throws when it has none of them. */
export function resolveRange(wanted: WantedRange | null, size: number): Range {
  if (wanted === null) return { offset: 0, length: size };
  const suffix = wanted.suffix === undefined ? undefined : Math.min(wanted.suffix, size);
  const offset = suffix === undefined ? (wanted.offset ?? 0) : size - suffix;
  const length = Math.min(suffix ?? wanted.length ?? size - offset, size - offset);
  if (offset < 0 || length <= 0) throw new R2Error("invalidRange");
  return { offset, length };
}

/** A `Range` header with one range; null, which means the whole object, when it has none or several. */
export function rangeOfHeader(header: string): WantedRange | null {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(header.trim()) ?? [];
  if (from === undefined || to === undefined || (from === "" && to === "")) return null;
  if (from === "") return { suffix: Number(to) };
  if (to === "") return { offset: Number(from) };
  return Number(to) < Number(from) ? null : { offset: Number(from), length: Number(to) - Number(from) + 1 };
}
