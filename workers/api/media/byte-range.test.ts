import { expect, it } from "vitest";
import { byteRange } from "./byte-range.ts";

it.each([
  ["bytes=0-0", { offset: 0, length: 1 }],
  ["bytes=3-", { offset: 3, length: 7 }],
  ["bytes=3-100", { offset: 3, length: 7 }],
  ["bytes=-4", { offset: 6, length: 4 }],
  ["bytes=-40", { offset: 0, length: 10 }],
  ["bytes=10-", "unsatisfiable"],
  ["bytes=-0", "unsatisfiable"],
  ["bytes=5-3", null],
  ["bytes=0-1,3-4", null],
  ["bytes=-", null],
  ["lines=0-1", null],
  ["nonsense", null],
  [null, null],
] as const)("of ten bytes, %s is %o", (header, range) => {
  expect(byteRange(header, 10)).toEqual(range);
});
