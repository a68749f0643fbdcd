import { expect, it } from "vitest";
import { readFrame } from "./frame.ts";
import { message } from "./testing.ts";

it("reads the events of a frame in order", () => {
  const frame = [1, 2].map((seq) => ({ ev: "message", message: message(seq) }));
  expect(readFrame(JSON.stringify(frame))).toEqual(frame);
});

it("passes over what it does not know, and keeps its neighbours", () => {
  const known = { ev: "message", message: message(1) };
  expect(readFrame(JSON.stringify([{ ev: "from.the.future" }, known, 5]))).toEqual([known]);
});

it("finds nothing in what is no frame", () => {
  expect(readFrame("{}")).toEqual([]);
  expect(readFrame("not json")).toEqual([]);
});
