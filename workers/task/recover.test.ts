import { Kafka } from "@upstash/kafka";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { registerBucket, registerUsers, renewLease } from "../../lib/bucket-registry.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import { type BucketAddress, bucketAddress } from "../../schema/internal/bucket-address.ts";
import { Topic } from "../../schema/internal/topic.ts";
import { UserId } from "../../schema/wire/ids.ts";
import { registerEach } from "../connect/buckets.ts";
import type { Task } from "./context.ts";
import { recover } from "./recover.ts";
import { type Spine, startSpine } from "./spine.fixture.ts";

const SILENT = bucketAddress("local", 1);
const BUCKETS = [bucketAddress("local", 0), SILENT, bucketAddress("local", 2)];
const ADA = UserId.parse("1");
const BEN = UserId.parse("2");

let spine: Spine;
let drained: Topic[];

beforeAll(async () => {
  spine = await startSpine();
}, 30_000);

afterAll(() => spine.close());

beforeEach(async () => {
  await spine.task.redis.flushall();
  drained = [];
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** A task whose buckets register as the function says, and which remembers what it had drained. */
function taskWith(register: (address: BucketAddress) => Promise<void> = async () => {}): Task {
  const bounds = { atATime: 2, bucketMs: 1_000, totalMs: 20_000 };
  const steps = { register, failed: () => {} };
  const task = spine.otherTask();
  return {
    ...task,
    connect: { ...task.connect, registerAll: () => registerEach(BUCKETS, steps, bounds) },
    self: { ...task.self, drain: async (topics) => void drained.push(...topics) },
  };
}

/** Registers somebody in the bucket, unless it is the silent one, which never returns. */
async function registerUnlessSilent(address: BucketAddress): Promise<void> {
  if (address === SILENT) return await new Promise(() => {});
  await registerBucket(spine.task.redis, address, [{ userId: ADA, groupIds: [] }], 1);
}

async function produce(...names: string[]): Promise<Topic[]> {
  const topics = names.map((name) => Topic.parse(name));
  const kafka = new Kafka(spine.kafka);
  await kafka.producer().produceMany(topics.map((topic) => ({ topic, value: "whatever" })));
  return topics;
}

const marks = () => spine.task.redis.zrange<string[]>(redisKeys.behind, 0, -1, { withScores: true });
const exists = async (key: string) => (await spine.task.redis.exists(key)) === 1;

const lagOf = (topic: string) => ({ topic: Topic.parse(topic), committed: 0, end: 1 });

describe("a recovery", () => {
  test("marks the topics that lag, drains them, and sets the epoch", async () => {
    const [lagging, done] = await produce("user.11", "user.12");
    if (lagging === undefined || done === undefined) throw new Error("no topics");
    await spine.task.messageLog.commit([{ topic: done, offset: 1 }]);
    expect(await recover(taskWith())).toBe(true);
    expect(await marks()).toEqual([`${lagging} recovered`, "0"]);
    expect(drained).toEqual([lagging]);
    expect(await exists(redisKeys.epoch)).toBe(true);
    expect(await exists(redisKeys.recovery)).toBe(false);
  });

  test("goes through all pages of the lag", async () => {
    const pages = new Map([
      ["", { items: [lagOf("user.21")], next: "user.3" }],
      ["user.3", { items: [], next: "user.5" }],
      ["user.5", { items: [lagOf("user.51")], next: null }],
    ]);
    const task = taskWith();
    vi.spyOn(task.messageLog, "lagging").mockImplementation(async (after) => {
      expect(await exists(redisKeys.epoch), "the epoch was set before the last page").toBe(false);
      const page = pages.get(after);
      if (page === undefined) throw new Error(`no page after ${after}`);
      return page;
    });
    await recover(task);
    expect(await marks()).toEqual(["user.21 recovered", "0", "user.51 recovered", "0"]);
  });

  test("succeeds without a silent bucket, and registers the others", async () => {
    expect(await recover(taskWith(registerUnlessSilent))).toBe(true);
    expect(await exists(redisKeys.epoch)).toBe(true);
    const routes = await spine.task.redis.smembers(redisKeys.userRoutes(ADA));
    expect(routes.sort()).toEqual(BUCKETS.filter((address) => address !== SILENT));
  });

  test("has the silent bucket register at its next renewal, also when somebody arrived before", async () => {
    await recover(taskWith(registerUnlessSilent));
    const { redis } = spine.task;
    await registerUsers(redis, SILENT, [BEN]);
    expect(await renewLease(redis, SILENT, 2), "the bucket believes that it is registered").toBe(false);
    expect(await renewLease(redis, SILENT, 2), "a renewal alone registers nothing").toBe(false);
    await registerBucket(redis, SILENT, [{ userId: BEN, groupIds: [] }], 2);
    expect(await renewLease(redis, SILENT, 2)).toBe(true);
    for (const address of BUCKETS) expect(await renewLease(redis, address, 1)).toBe(true);
  });

  test("that fails leaves no epoch and no lock, so that the next one does it all", async () => {
    const task = taskWith();
    vi.spyOn(task.messageLog, "lagging").mockRejectedValueOnce(new Error("the log is down"));
    await expect(recover(task)).rejects.toThrow("the log is down");
    expect(await exists(redisKeys.epoch)).toBe(false);
    expect(await recover(task)).toBe(true);
    expect(await exists(redisKeys.epoch)).toBe(true);
  });

  test("leaves another one alone, and its lock", async () => {
    await spine.task.redis.set(redisKeys.recovery, "another");
    expect(await recover(taskWith())).toBe(false);
    expect(await spine.task.redis.get(redisKeys.recovery)).toBe("another");
    expect(await exists(redisKeys.epoch)).toBe(false);
  });

  test("is not repeated by a drain that comes just after it", async () => {
    const register = vi.fn(async () => {});
    await recover(taskWith(register));
    expect(await recover(taskWith(register))).toBe(true);
    expect(register).toHaveBeenCalledTimes(BUCKETS.length);
  });
});
