import { describe, expect, it } from "vitest";
import { redisConformance } from "./conformance/suite.ts";
import { MemoryRedis } from "./memory-engine.ts";

redisConformance("memory", async () => new MemoryRedis());

describe("the memory engine", () => {
  it("lets no time pass within a transaction or a script", async () => {
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

  it("takes the flag by which Upstash' rate limiter marks its scripts", async () => {
    const redis = new MemoryRedis();
    const script = "#!lua flags=allow-key-locking\nreturn redis.call('INCR', KEYS[1])";
    expect(await redis.pipeline([["EVAL", script, "1", "n"]])).toEqual([{ result: 1 }]);
    await redis.close();
  });
});
