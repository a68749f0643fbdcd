import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MemoryRedis } from "../gateway/redis/memory-engine.ts";
import { Topic } from "../schema/internal/topic.ts";
import { redisKeys } from "./redis-keys.ts";
import { releaseTopics } from "./topic-release.ts";

type Argument = string | number;

const topic = Topic.parse("group.1");

/** The Redis engine that `npm start` uses, so that the script runs on the same Lua machine. */
let engine: MemoryRedis;
const store = {
  set: (...args: Argument[]) => run("SET", args),
  get: (...args: Argument[]) => run("GET", args),
  exists: (...args: Argument[]) => run("EXISTS", args),
};

let calls = 0;
const redis = {
  async eval(script: string, keys: string[], args: string[]): Promise<string> {
    calls += 1;
    return String(await run("EVAL", [script, keys.length, ...keys, ...args]));
  },
};

beforeEach(() => {
  calls = 0;
  engine = new MemoryRedis();
});
afterEach(() => engine.close());

describe("releasing topics", () => {
  it("releases a topic without a new wake-up, and stores where the next drain starts", async () => {
    await store.set(redisKeys.lock(topic), "me", "PX", 1_000);
    await store.set(redisKeys.wake(topic), "3");
    const outcome = await releaseTopics(redis, "me", [{ topic, wake: 3, nextOffset: 17 }]);
    expect(outcome).toEqual({ released: [topic], again: [], failed: [] });
    expect(await store.exists(redisKeys.lock(topic), redisKeys.wake(topic))).toBe(0);
    expect(await store.get(redisKeys.nextOffset(topic))).toBe("17");
  });

  it("treats a topic without a wake-up counter as woken 0 times", async () => {
    await store.set(redisKeys.lock(topic), "me");
    const outcome = await releaseTopics(redis, "me", [{ topic, wake: 0, nextOffset: 1 }]);
    expect(outcome.released).toEqual([topic]);
  });

  it("releases a topic that was woken meanwhile, keeps the counter and reports it as `again`", async () => {
    await store.set(redisKeys.lock(topic), "me", "PX", 1_000);
    await store.set(redisKeys.wake(topic), "4");
    const outcome = await releaseTopics(redis, "me", [{ topic, wake: 3, nextOffset: 17 }]);
    expect(outcome).toEqual({ released: [], again: [topic], failed: [] });
    expect(await store.exists(redisKeys.lock(topic))).toBe(0);
    expect(await store.get(redisKeys.wake(topic))).toBe("4");
    expect(await store.get(redisKeys.nextOffset(topic))).toBe("17");
  });

  it("leaves the next offset as it is when none is given", async () => {
    await store.set(redisKeys.lock(topic), "me");
    await store.set(redisKeys.nextOffset(topic), "5");
    await releaseTopics(redis, "me", [{ topic, wake: 0, nextOffset: null }]);
    expect(await store.get(redisKeys.nextOffset(topic))).toBe("5");
  });

  it("leaves another owner's lock and offset alone", async () => {
    await store.set(redisKeys.lock(topic), "another");
    const outcome = await releaseTopics(redis, "me", [{ topic, wake: 0, nextOffset: 17 }]);
    expect(outcome).toEqual({ released: [], again: [], failed: [topic] });
    expect(await store.get(redisKeys.lock(topic))).toBe("another");
    expect(await store.exists(redisKeys.nextOffset(topic))).toBe(0);
  });

  it("makes one call for many topics, and no call without topics", async () => {
    const topics = Array.from({ length: 50 }, (_, index) => Topic.parse(`group.${index + 1}`));
    for (const each of topics) await store.set(redisKeys.lock(each), "me");
    const held = topics.map((each) => ({ topic: each, wake: 0, nextOffset: 1 }));
    expect((await releaseTopics(redis, "me", held)).released).toEqual(topics);
    expect(calls).toBe(1);
    await releaseTopics(redis, "me", []);
    expect(calls).toBe(1);
  });
});

async function run(name: string, args: Argument[]): Promise<unknown> {
  const [outcome] = await engine.pipeline([[name, ...args.map(String)]]);
  if (outcome === undefined || "error" in outcome) throw new Error(outcome?.error ?? "no outcome");
  return outcome.result;
}
