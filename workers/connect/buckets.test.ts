import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type BucketAddress, bucketAddress } from "../../schema/internal/bucket-address.ts";
import { livingInstances, registerEach } from "./buckets.ts";

it("lists the buckets whose leases last, with their sockets", () => {
  const leases = ["eu:3", "1000", "eu:12", 2000, "us:0", "3000"];
  expect(livingInstances(leases, ["eu:3", "5", "eu:12", "7"], 1_500)).toEqual([
    { serverId: "eu", bucket: 12, sockets: 7 },
    { serverId: "us", bucket: 0, sockets: 0 },
  ]);
});

describe("registering buckets", () => {
  const addresses = Array.from({ length: 7 }, (_, bucket) => bucketAddress("local", bucket));
  const bounds = { atATime: 2, bucketMs: 100, totalMs: 1_000 };
  const silent = () => new Promise<void>(() => {});

  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Registers all buckets, each as the given function does, and remembers the calls and the faults. */
  async function registered(register: (address: BucketAddress) => Promise<void>, totalMs = bounds.totalMs) {
    const faults: BucketAddress[] = [];
    let [running, mostRunning] = [0, 0];
    const steps = {
      register: async (address: BucketAddress) => {
        running += 1;
        mostRunning = Math.max(mostRunning, running);
        await register(address).finally(() => {
          running -= 1;
        });
      },
      failed: (address: BucketAddress) => void faults.push(address),
    };
    const result = registerEach(addresses, steps, { ...bounds, totalMs });
    await vi.runAllTimersAsync();
    return { ...(await result), faults, mostRunning };
  }

  it("registers each, so many at a time", async () => {
    const result = await registered(() => new Promise((resolve) => setTimeout(resolve, 10)));
    expect(result).toEqual({ registered: 7, failed: [], faults: [], mostRunning: 2 });
  });

  it("goes on without a bucket that fails and one that never returns", async () => {
    const {
      registered: count,
      failed,
      faults,
    } = await registered((address) => {
      if (address === "local:1") return Promise.reject(new Error("overloaded"));
      return address === "local:2" ? silent() : Promise.resolve();
    });
    expect(count).toBe(5);
    expect(failed).toEqual(["local:1", "local:2"]);
    expect(faults).toEqual(failed);
  });

  it("gives up those that are left when the total time is over", async () => {
    const called: BucketAddress[] = [];
    const { registered: count, failed } = await registered((address) => {
      called.push(address);
      return silent();
    }, 150);
    expect(called).toEqual(["local:0", "local:1", "local:2", "local:3"]);
    expect([count, failed.length]).toEqual([0, 7]);
  });
});
