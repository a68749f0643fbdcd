import { describe, expect, it } from "vitest";
import { TokenBucket } from "./token-bucket.ts";

/** How many tokens can be taken at once. */
function drain(bucket: TokenBucket, now: number): number {
  let taken = 0;
  while (bucket.take(now) === 0) taken += 1;
  return taken;
}

describe("a token bucket", () => {
  it("gives its burst at once, then says how long to wait", () => {
    const bucket = new TokenBucket(500, 10, 0);
    expect(drain(bucket, 0)).toBe(10);
    expect(bucket.take(0)).toBe(2);
    expect(bucket.take(2)).toBe(0);
  });

  it("refills by the clock, up to its burst", () => {
    const bucket = new TokenBucket(500, 10, 0);
    drain(bucket, 0);
    expect(drain(bucket, 10)).toBe(5);
    expect(drain(bucket, 60_000)).toBe(10);
  });

  it("keeps its rate when it is asked for fractions of a token", () => {
    const bucket = new TokenBucket(300, 1, 0);
    let taken = 0;
    for (let now = 1; now <= 10_000; now++) if (bucket.take(now) === 0) taken += 1;
    expect(taken).toBeGreaterThanOrEqual(2_490);
    expect(taken).toBeLessThanOrEqual(3_001);
  });

  it("gives several tokens at once, or none of them", () => {
    const bucket = new TokenBucket(1_000, 10, 0);
    expect(bucket.take(0, 8)).toBe(0);
    expect(bucket.take(0, 5)).toBe(3);
    expect(bucket.take(0, 2)).toBe(0);
  });

  it("is not upset by a clock that steps back", () => {
    const bucket = new TokenBucket(1_000, 1, 100);
    expect(bucket.take(100)).toBe(0);
    expect(bucket.take(50)).toBe(1);
    expect(bucket.take(100)).toBe(1);
    expect(bucket.take(101)).toBe(0);
  });
});
