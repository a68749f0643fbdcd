import { describe, expect, it } from "vitest";
import { FrameLimits } from "./frame-limits.ts";

describe("the limits of a socket", () => {
  it("forgive nine bad frames a minute, and not the tenth", () => {
    const limits = new FrameLimits(200, 2_000, 0);
    const forgiven = Array.from({ length: 10 }, (_, index) => limits.forgives(index * 1_000));
    expect(forgiven).toEqual([...Array(9).fill(true), false]);
  });

  it("forget bad frames after a minute", () => {
    const limits = new FrameLimits(200, 2_000, 0);
    for (let frame = 0; frame < 100; frame++) expect(limits.forgives(frame * 7_000)).toBe(true);
  });

  it("allow a burst, then a rate", () => {
    const limits = new FrameLimits(1_000, 2, 0);
    expect([limits.allows(0), limits.allows(0), limits.allows(0), limits.allows(1)]).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });
});
