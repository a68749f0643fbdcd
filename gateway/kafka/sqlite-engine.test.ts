import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { newDataDir } from "../testing/test-gateway.ts";
import type { TopicOffset } from "./engine.ts";
import { SqliteLog } from "./sqlite-engine.ts";

const HOUR = 3_600_000;
const POLICY = { hours: 168, protectedGroup: "task" };

describe("the embedded log", () => {
  let folder: string;
  let log: SqliteLog;

  const open = () => new SqliteLog(join(folder, "log.sqlite"), POLICY);
  const reopen = async () => {
    await log.close();
    log = open();
  };
  const at = (topic: string, offset: number): TopicOffset => ({ topic, partition: 0, offset });
  const fetched = async (...from: TopicOffset[]) =>
    (await log.fetch(from, 0, () => AbortSignal.abort())).map(({ topic, offset }) => at(topic, offset));
  const earliest = async (topic: string) => (await log.offsets([at(topic, 0)], "earliest"))[0]?.offset;
  const produceAged = (topic: string, ...hours: number[]) =>
    log.produce(hours.map((age) => ({ topic, value: "x", timestamp: Date.now() - age * HOUR })));

  beforeEach(async () => {
    folder = await newDataDir();
    log = open();
  });
  afterEach(async () => {
    vi.useRealTimers();
    await log.close();
    await rm(folder, { recursive: true });
  });

  it("continues where it stopped", async () => {
    await log.produce([{ topic: "t", value: "a" }]);
    await log.commit("g", [at("t", 1)]);
    await reopen();
    expect(await log.produce([{ topic: "t", value: "b" }])).toMatchObject([at("t", 1)]);
    expect(await log.committed("g")).toEqual([at("t", 1)]);
  });

  it("commits writes that arrive together in one transaction", async () => {
    await log.produce([{ topic: "t", value: "before" }]);
    const before = await transactionsIn(join(folder, "log.sqlite-wal"));
    const results = await Promise.all([
      log.produce([{ topic: "t", value: "a" }]),
      log.commit("g", [at("t", 1)]),
      log.produce([{ topic: "t", value: "b" }]),
    ]);
    expect([results[0], results[2]]).toMatchObject([[at("t", 1)], [at("t", 2)]]);
    expect(await transactionsIn(join(folder, "log.sqlite-wal"))).toBe(before + 1);
  });

  it("commits no write of a batch in which one fails, and continues without gaps", async () => {
    const unwritable = { topic: "t", value: "b", timestamp: 1.5 };
    const attempts = [log.produce([{ topic: "t", value: "a" }]), log.produce([unwritable])];
    const outcomes = await Promise.allSettled(attempts);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await log.produce([{ topic: "t", value: "c" }])).toMatchObject([at("t", 0)]);
  });

  it("gives every topic its turn when there are more than fit into one response", async () => {
    const topics = Array.from({ length: 3_000 }, (_, index) => `t${index}`);
    await log.produce(topics.map((topic) => ({ topic, value: "x" })));
    const seen = new Set<string>();
    let from = topics.map((topic) => at(topic, 0));
    for (let round = 0; round < 2; round += 1) {
      const records = await fetched(...from);
      for (const { topic } of records) seen.add(topic);
      from = from.filter(({ topic }) => !seen.has(topic));
    }
    expect(seen.size).toBe(3_000);
  });

  it("ends waiting fetches when it closes", async () => {
    const waiting = log.fetch([at("t", 0)], 60_000, () => new AbortController().signal);
    await log.close();
    expect(await waiting).toEqual([]);
    log = open();
  });

  describe("retention", () => {
    it("trims old committed records at start, and never reuses their offsets", async () => {
      await produceAged("t", 500, 400, 1);
      await produceAged("empty", 500);
      await log.commit("task", [at("t", 3), at("empty", 1)]);
      await reopen();
      await expect.poll(() => earliest("t")).toBe(2);
      expect(await fetched(at("t", 0))).toEqual([at("t", 2)]);
      await reopen();
      expect(await log.produce([{ topic: "empty", value: "x" }])).toMatchObject([at("empty", 1)]);
    });

    it("keeps records of any age that the protected group has not committed", async () => {
      await produceAged("t", 500, 500, 500);
      await produceAged("never", 500);
      await log.commit("task", [at("t", 1)]);
      await log.commit("other", [at("t", 3), at("never", 1)]);
      await reopen();
      await expect.poll(() => earliest("t")).toBe(1);
      expect(await fetched(at("t", 0), at("never", 0))).toHaveLength(3);
    });

    it("leaves no lag when all records are trimmed, also for a group that never committed", async () => {
      await produceAged("t", 500);
      await log.commit("task", [at("t", 1)]);
      await reopen();
      await expect.poll(() => earliest("t")).toBe(1);
      expect(await log.lagging("other", "", 10)).toEqual({ items: [], next: null });
      await log.produce([{ topic: "t", value: "x" }]);
      expect((await log.lagging("other", "", 10)).items).toEqual([
        { topic: "t", partition: 0, committed: 0, end: 2 },
      ]);
    });

    it("checks once an hour while records are produced", async () => {
      await produceAged("t", 500);
      await log.commit("task", [at("t", 1)]);
      expect(await earliest("t")).toBe(0);
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 2 * HOUR });
      await log.produce([{ topic: "other", value: "x" }]);
      await expect.poll(() => earliest("t")).toBe(1);
    });
  });
});

/** Counts the transactions in SQLite's write-ahead log: the last page of each has the size of the database. */
async function transactionsIn(file: string): Promise<number> {
  const wal = await readFile(file);
  const frameBytes = 24 + wal.readUInt32BE(8);
  let count = 0;
  for (let frame = 32; frame + frameBytes <= wal.length; frame += frameBytes) {
    if (wal.readUInt32BE(frame + 4) !== 0) count += 1;
  }
  return count;
}
