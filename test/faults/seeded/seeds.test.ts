import { expect, it } from "vitest";
import { runFaults } from "./run.ts";

/** How long each seed breaks things (milliseconds). */
const DURATION_MS = 10_000;

it.each([1, 2, 3, 4, 5])(
  "with seed %i everything is applied once, in one order, and reaches everybody",
  async (seed) => {
    const { accepted, violations } = await runFaults(seed, DURATION_MS, (what) => console.log(what));
    expect(violations).toEqual([]);
    expect(accepted).toBeGreaterThan(0);
  },
  300_000,
);
