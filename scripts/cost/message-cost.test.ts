import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readLoads } from "./load.ts";
import { dollarsPerMillion } from "./message-cost.ts";
import { dollarsFor, PRICES } from "./prices.ts";

describe("a report of the benchmark", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "cost-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const figures = { "messages/s": 10, "deliveries/s": 1_000, "accepted p50 ms": 20, "CPU workerd": 0.01 };
  const run = (commands: number) => ({
    measurements: [
      {
        name: "group of 100",
        figures,
        operations: { "Redis commands": commands, "logic: submits": 0.5, "connect: bucketCalls": 4 },
      },
      { name: "batch of 500, 50 conversations", figures, operations: {} },
    ],
  });

  it("becomes dollars: medians, of messages only", async () => {
    const file = join(folder, "bench.json");
    await writeFile(
      file,
      JSON.stringify({ systems: [{ name: "npm start", runs: [run(3), run(1), run(2)] }] }),
    );
    const [load, ...others] = await readLoads(file);
    expect(others).toEqual([]);
    if (load === undefined) throw new Error("the report has a load");
    expect(load).toMatchObject({ name: "group of 100", deliveries: 100, workersCpuMs: 1 });
    const dollars = Object.fromEntries(dollarsPerMillion(load).map(({ what, dollars }) => [what, dollars]));
    expect(dollars["Redis, by the command"]).toBeCloseTo(dollarsFor("redisCommands", 2_000_000));
    expect(dollars["objects: requests"]).toBeCloseTo(dollarsFor("objectRequests", 4_050_000));
    // Half a hand-over of 20 ms and four deliveries of 5 ms, in 128 MB.
    expect(dollars["objects: duration"]).toBeCloseTo(dollarsFor("objectDuration", 30_000 * 0.128));
  });
});

describe("a price", () => {
  it("is charged for what is over the included units", () => {
    const { included } = PRICES.workerRequests;
    expect(dollarsFor("workerRequests", included, { included: true })).toBe(0);
    expect(dollarsFor("workerRequests", included + 1_000_000, { included: true })).toBeCloseTo(
      dollarsFor("workerRequests", 1_000_000),
    );
  });

  it.each(Object.entries(PRICES))("of %s has a source, and a day if there is one", (_, price) => {
    expect(price.source).toMatch(/^https:\/\//);
    expect(price.dated ?? "2026-01-01").toMatch(/^2026-\d\d-\d\d$/);
    expect(price.dollars).toBeGreaterThan(0);
  });
});
