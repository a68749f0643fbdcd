import { describe, expect, it } from "vitest";
import type { BucketDelivery } from "../../lib/rpc/connect.ts";
import { bucketAddress } from "../../schema/internal/bucket-address.ts";
import { Topic } from "../../schema/internal/topic.ts";
import { DeliveryRun } from "./delivery-run.ts";

const one = Topic.parse("group.1");
const two = Topic.parse("group.2");

function delivery(bucket: number, ...topics: Topic[]): BucketDelivery {
  return { address: bucketAddress("local", bucket), items: [], topics };
}

/** Steps in which a wait only moves the clock, `lateMs` too far, and each bucket first fails the given number of times. */
function world(failures: Record<string, number> = {}, lateMs = 0) {
  const calls: string[] = [];
  const waits: number[] = [];
  let now = 0;
  const left = new Map(Object.entries(failures));
  return {
    calls,
    waits,
    failed: () => {},
    now: () => now,
    wait: async (ms: number) => {
      waits.push(ms);
      now += ms + lateMs;
    },
    call: async ({ address }: BucketDelivery) => {
      calls.push(address);
      const failing = left.get(address) ?? 0;
      left.set(address, failing - 1);
      if (failing > 0) throw new Error("the bucket is busy");
    },
  };
}

describe("a delivery", () => {
  it("calls each bucket once", async () => {
    const steps = world();
    const run = new DeliveryRun([delivery(1, one), delivery(2, one, two)], 30_000, steps);
    await run.finished;
    expect(steps.calls).toEqual(["local:1", "local:2"]);
    expect([run.isDelivered(one), run.isDelivered(two)]).toEqual([true, true]);
  });

  it("has delivered a topic that no bucket has anybody for", () => {
    expect(new DeliveryRun([], 30_000, world()).isDelivered(one)).toBe(true);
  });

  it("tries a failing bucket again, waiting longer each time", async () => {
    const steps = world({ "local:1": 6 });
    const run = new DeliveryRun([delivery(1, one)], 30_000, steps);
    await run.finished;
    expect(steps.calls).toHaveLength(7);
    expect(steps.waits).toEqual([100, 200, 400, 800, 1_600, 1_600]);
    expect(run.isDelivered(one)).toBe(true);
  });

  it("gives up when the time is over, on the topics of that bucket alone", async () => {
    const steps = world({ "local:1": Number.POSITIVE_INFINITY });
    const run = new DeliveryRun([delivery(1, one), delivery(2, two)], 1_000, steps);
    await run.finished;
    expect(steps.now()).toBeLessThan(1_000);
    expect([run.isDelivered(one), run.isDelivered(two)]).toEqual([false, true]);
  });

  it("makes no call when it comes at its deadline", async () => {
    const steps = world();
    const run = new DeliveryRun([delivery(1, one)], steps.now(), steps);
    await run.finished;
    expect(steps.calls).toEqual([]);
    expect(run.isDelivered(one)).toBe(false);
  });

  it("makes no call after its deadline, when a wait lasted longer than asked", async () => {
    const steps = world({ "local:1": 1 }, 5_000);
    const run = new DeliveryRun([delivery(1, one)], 1_000, steps);
    await run.finished;
    expect(steps.calls).toEqual(["local:1"]);
    expect(run.isDelivered(one)).toBe(false);
  });

  it("has delivered a topic only when all of its buckets have been delivered to", async () => {
    const steps = world({ "local:2": 1 });
    const { promise, resolve } = Promise.withResolvers<void>();
    const run = new DeliveryRun([delivery(1, one), delivery(2, one, two)], 30_000, {
      ...steps,
      wait: () => promise,
    });
    await Promise.resolve();
    expect([run.isDelivered(one), run.isDelivered(two)]).toEqual([false, false]);
    resolve();
    await run.finished;
    expect([run.isDelivered(one), run.isDelivered(two)]).toEqual([true, true]);
  });
});
