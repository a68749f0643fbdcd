import { describe, expect, it } from "vitest";
import { BucketSettings } from "./bucket-settings.ts";
import { AccountLimits, BadFrames, InboundLimits } from "./inbound-limits.ts";
import { TokenBucket } from "./token-bucket.ts";

describe("inbound limits", () => {
  it("allow a burst of frames, then a rate", () => {
    const limits = new InboundLimits(new TokenBucket(1_000, 2, 0), new TokenBucket(1, 100, 0));
    expect([0, 0, 0, 1].map((now) => limits.allows(1, now))).toEqual([true, true, false, true]);
  });

  it("count the bytes of frames too", () => {
    const limits = new InboundLimits(new TokenBucket(1, 100, 0), new TokenBucket(1_000, 10, 0));
    expect([limits.allows(8, 0), limits.allows(3, 0), limits.allows(3, 1)]).toEqual([true, false, true]);
  });
});

describe("an account's operations", () => {
  it("are allowed in a burst, then at a rate, with the time to wait", () => {
    const settings = BucketSettings.parse({ ACCOUNT_OPERATION_RATE: "0.5", ACCOUNT_OPERATION_BURST: "2" });
    const limits = new AccountLimits(settings, 0);
    expect([0, 0, 0, 1_000, 2_000].map((now) => limits.delayOfOperation(now))).toEqual([
      0, 0, 2_000, 1_000, 0,
    ]);
  });
});

describe("bad frames", () => {
  it("are forgiven nine times a minute, and not the tenth time", () => {
    const badFrames = new BadFrames();
    const forgiven = Array.from({ length: 10 }, (_, index) => badFrames.forgives(index * 1_000));
    expect(forgiven).toEqual([...Array(9).fill(true), false]);
  });

  it("are forgotten after a minute", () => {
    const badFrames = new BadFrames();
    for (let frame = 0; frame < 100; frame++) expect(badFrames.forgives(frame * 7_000)).toBe(true);
  });
});
