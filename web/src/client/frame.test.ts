import { expect, it } from "vitest";
import { readFrame } from "./frame.ts";
import { message } from "./testing.ts";

it("reads the events of a frame in order", () => {
  const frame = [1, 2].map((seq) => ({ ev: "message", message: message(seq) }));
  expect(readFrame(JSON.stringify(frame))).toEqual(frame);
});

it("passes over an unknown event, and keeps its neighbours", () => {
  const known = { ev: "message", message: message(1) };
  expect(readFrame(JSON.stringify([{ ev: "from.the.future" }, known, 5]))).toEqual([known]);
});

it("reads a refusal whatever its code", () => {
  const problem = { type: "about:blank", title: "Too fast", status: 429, detail: "", code: "rate_limited" };
  const frame = [
    { ev: "rejected", clientId: "c", problem, retryAfter: 3 },
    { ev: "rejected", clientId: "c", problem: { ...problem, code: "from_the_future" } },
    { ev: "error", problem: { ...problem, code: "from_the_future" } },
  ];
  expect(readFrame(JSON.stringify(frame))).toEqual(frame);
});

it("reads no events from what is no frame", () => {
  expect(readFrame("{}")).toEqual([]);
  expect(readFrame("not json")).toEqual([]);
});
