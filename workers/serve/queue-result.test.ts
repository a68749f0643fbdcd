import { describe, expect, it } from "vitest";
import { type QueueResult, retries } from "./queue-result.ts";

const decided = (part: Partial<QueueResult>): QueueResult => ({
  ...{ outcome: "ok", ackAll: false, retryBatch: { retry: false }, explicitAcks: [], retryMessages: [] },
  ...part,
});
const again = (result: QueueResult | null) => Object.fromEntries(retries(result, ["a", "b"], 5));

describe("a batch is delivered again", () => {
  it("not at all when the consumer returns", () => expect(again(decided({}))).toEqual({}));

  it("as a whole when the consumer throws or cannot be reached", () => {
    expect(again(decided({ outcome: "exception" }))).toEqual({ a: 5, b: 5 });
    expect(again(null)).toEqual({ a: 5, b: 5 });
  });

  it("as a whole, after the delay that the consumer names", () =>
    expect(again(decided({ retryBatch: { retry: true, delaySeconds: 30 } }))).toEqual({ a: 30, b: 30 }));

  it("in parts, when the consumer names messages", () => {
    expect(again(decided({ retryMessages: [{ msgId: "b", delaySeconds: 7 }] }))).toEqual({ b: 7 });
    expect(again(decided({ outcome: "exception", explicitAcks: ["a"] }))).toEqual({ b: 5 });
  });

  it("not at all when everything was acknowledged before the consumer threw", () =>
    expect(again(decided({ outcome: "exception", ackAll: true }))).toEqual({}));
});
