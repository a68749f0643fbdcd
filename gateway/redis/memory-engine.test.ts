import { afterEach, describe, expect, it, vi } from "vitest";
import { redisConformance } from "./conformance/suite.ts";
import { MemoryRedis } from "./memory-engine.ts";

redisConformance("memory", async () => new MemoryRedis());

describe("the memory engine", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("sweeps expired keys by itself until it is closed", async () => {
    vi.useFakeTimers();
    const redis = new MemoryRedis();
    await redis.pipeline([["SET", "k", "v", "PX", "1000"]]);
    await vi.advanceTimersByTimeAsync(900);
    // DBSIZE counts what is in memory, expired or not.
    expect(await redis.pipeline([["DBSIZE"]])).toEqual([{ result: 1 }]);
    await vi.advanceTimersByTimeAsync(200);
    expect(await redis.pipeline([["DBSIZE"]])).toEqual([{ result: 0 }]);
    await redis.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("keeps the time constant within a transaction or a script", async () => {
    let now = 1_000;
    const redis = new MemoryRedis(() => now++);
    const script = "return redis.call('TIME')[2] == redis.call('TIME')[2]";
    expect(await redis.transaction([["TIME"], ["EVAL", script, "0"], ["TIME"]])).toEqual([
      { result: ["1", "1000"] },
      { result: 1 },
      { result: ["1", "1000"] },
    ]);
    await redis.close();
  });
});
