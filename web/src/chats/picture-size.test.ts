import { expect, it } from "vitest";
import { pictureSize } from "./picture-size.ts";

it("shows a large picture smaller, in its proportions", () => {
  expect(pictureSize({ width: 4_000, height: 3_000 })).toEqual({ width: 320, height: 240 });
  expect(pictureSize({ width: 500, height: 1_000 })).toEqual({ width: 160, height: 320 });
  expect(pictureSize({ width: 10_000, height: 1 })).toEqual({ width: 320, height: 1 });
});

it("shows a small picture as it is", () => {
  expect(pictureSize({ width: 4, height: 3 })).toEqual({ width: 4, height: 3 });
});
