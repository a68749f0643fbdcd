import { expect, test } from "vitest";
import { parseHeaders } from "./web-assets.ts";

test("the headers of all assets are read", () => {
  expect(parseHeaders("/*\n  X-One: 1\n  Policy: a 'b'; c: d\n")).toEqual({
    "X-One": "1",
    Policy: "a 'b'; c: d",
  });
  expect(parseHeaders("")).toEqual({});
});

test("a rule that would be ignored is an error", () => {
  expect(() => parseHeaders("/assets/*\n  X-One: 1\n")).toThrow("/assets/*");
  expect(() => parseHeaders("/*\n  X-One: 1\n/other\n  X-Two: 2\n")).toThrow("/other");
});
