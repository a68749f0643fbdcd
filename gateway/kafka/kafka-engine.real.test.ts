import { readFile, truncate } from "node:fs/promises";
import { join } from "node:path";
import { Admin } from "@platformatic/kafka";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startKafka, type TestKafka } from "../testing/real/kafka.ts";
import { Brokers } from "./cluster/brokers.ts";
import { type LogEngine, LogRequestError, LogUnavailable, type StoredRecord } from "./engine.ts";
import { openKafka } from "./open-kafka.ts";

const CONSUMER_GROUPS = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand";

describe("the log on Kafka", () => {
  let kafka: TestKafka;
  let log: LogEngine;
  let topics = 0;

  beforeAll(async () => {
    kafka = await startKafka();
    log = await openKafka(storeOf(kafka));
  });
  afterAll(async () => {
    await log.close();
    await kafka.stop();
  });

  const newTopic = () => `of-engine-${++topics}`;
  const at = (topic: string, offset = 0) => ({ topic, partition: 0, offset });
  const fetched = (...from: ReturnType<typeof at>[]) => log.fetch(from, 0, () => AbortSignal.abort());
  const values = (records: readonly StoredRecord[]) => records.map(({ value }) => value);
  const endOf = async (topic: string) => (await log.offsets([at(topic)], "latest"))[0]?.offset;

  it("shows its lag to Kafka's own tool", async () => {
    const [behind, done] = [newTopic(), newTopic()];
    await log.produce([behind, behind, behind, done].map((topic) => ({ topic, value: "x" })));
    await log.commit("task", [at(behind, 1), at(done, 1)]);
    const said = await kafka.run(
      CONSUMER_GROUPS,
      ...["--bootstrap-server", kafka.brokers.plain, "--describe", "--group", "task"],
    );
    const rows = said.split("\n").map((line) => line.trim().split(/\s+/));
    const rowOf = (topic: string) => rows.find((row) => row[1] === topic)?.slice(0, 6);
    expect(rowOf(behind)).toEqual(["task", behind, "0", "1", "3", "2"]);
    expect(rowOf(done)).toEqual(["task", done, "0", "1", "1", "0"]);
  });

  it("makes thousands of topics in few requests", async () => {
    const names = Array.from({ length: 1_200 }, newTopic);
    const calls = vi.spyOn(Brokers.prototype, "call");
    const placed = await log.produce(names.map((topic) => ({ topic, value: topic })));
    const lanes = calls.mock.calls.map(([, lane]) => lane);
    calls.mockRestore();
    expect(placed.map(({ offset }) => offset)).toEqual(names.map(() => 0));
    expect(lanes.filter((lane) => lane === "produce").length).toBeLessThan(25);
    expect(lanes.filter((lane) => lane === "topics").length).toBeLessThan(60);
  }, 120_000);

  it("has concurrent produces share requests", async () => {
    const names = Array.from({ length: 50 }, newTopic);
    await log.produce(names.map((topic) => ({ topic, value: "first" })));
    const calls = vi.spyOn(Brokers.prototype, "call");
    await Promise.all(names.map((topic) => log.produce([{ topic, value: "second" }])));
    const count = calls.mock.calls.length;
    calls.mockRestore();
    expect(count).toBeLessThanOrEqual(2);
  });

  it("reads many topics in one request when they fit", async () => {
    const names = Array.from({ length: 300 }, newTopic);
    await log.produce(names.map((topic) => ({ topic, value: topic })));
    const calls = vi.spyOn(Brokers.prototype, "call");
    const records = await fetched(...names.map((topic) => at(topic)));
    const count = calls.mock.calls.length;
    calls.mockRestore();
    expect(new Set(values(records))).toEqual(new Set(names));
    expect(count).toBe(1);
  });

  it("leaves nothing unread in a fetch that is not full, also of batches larger than a topic's share", async () => {
    const names = Array.from({ length: 40 }, newTopic);
    const large = "x".repeat(60_000);
    await log.produce(names.map((topic) => ({ topic, value: "small" })));
    for (const topic of names.slice(0, 8)) await log.produce([{ topic, value: large }]);
    const records = await fetched(...names.map((topic) => at(topic)));
    expect(records).toHaveLength(48);
  });

  it("splits what is larger than a batch, and keeps the order", async () => {
    const topic = newTopic();
    const sizes = Array.from({ length: 30 }, (_, index) => `${index}:${"x".repeat(200_000)}`);
    const placed = await log.produce(sizes.map((value) => ({ topic, value })));
    expect(placed.map(({ offset }) => offset)).toEqual(sizes.map((_, index) => index));
    expect(values(await fetched(at(topic, 28)))).toEqual(sizes.slice(28));
  });

  it("refuses a record that Kafka refuses, and writes its neighbours in the request of another", async () => {
    const topic = newTopic();
    const future = Date.now() + 366 * 86_400_000;
    const outcomes = await Promise.allSettled([
      log.produce([{ topic, value: "good" }]),
      log.produce([{ topic, value: "bad", timestamp: future }]),
      log.produce([{ topic, value: "good, too" }]),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(outcomes[1]).toMatchObject({ reason: expect.any(LogRequestError) });
    expect(values(await fetched(at(topic)))).toEqual(["good", "good, too"]);
  });

  it("refuses a name that Kafka cannot distinguish from that of another topic", async () => {
    await log.produce([{ topic: "of.engine", value: "x" }]);
    await expect(log.produce([{ topic: "of_engine", value: "x" }])).rejects.toThrow(LogRequestError);
  });

  it("refuses more than it can keep in memory", async () => {
    const topic = newTopic();
    await log.produce([{ topic, value: "first" }]);
    const value = "x".repeat(15_000_000);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 6 }, () => log.produce([{ topic, value }])),
    );
    const refused = outcomes.filter((each) => each.status === "rejected");
    expect(refused.length).toBeGreaterThan(0);
    for (const { reason } of refused) expect(reason).toBeInstanceOf(LogUnavailable);
    expect(await endOf(topic)).toBe(1 + outcomes.length - refused.length);
  });

  it("continues at the first record that is kept", async () => {
    const topic = newTopic();
    await log.produce(["a", "b", "c"].map((value) => ({ topic, value })));
    const admin = new Admin({ clientId: "tests", bootstrapBrokers: [kafka.brokers.plain] });
    await admin.deleteRecords({ topics: [{ name: topic, partitions: [{ partition: 0, offset: 2n }] }] });
    await admin.close();
    expect(values(await fetched(at(topic)))).toEqual(["c"]);
    expect(await log.offsets([at(topic)], "earliest")).toEqual([at(topic, 2)]);
    expect((await log.lagging("nobody", `${topic.slice(0, -1)}`, 10_000)).items).toContainEqual({
      ...{ topic, partition: 0, committed: 0, end: 3 },
    });
  });

  describe("when the broker is lost", () => {
    it("writes each record once, in order", async () => {
      const topic = newTopic();
      await log.produce([{ topic, value: "0" }]);
      let writing = true;
      const accepted: string[] = [];
      const write = async () => {
        for (let number = 1; writing; number += 1) {
          // A failed one may have been written: it is not counted, and not repeated.
          const written = await log.produce([{ topic, value: `${number}` }]).catch(() => undefined);
          if (written !== undefined) accepted.push(`${number}`);
        }
      };
      const written = write();
      await vi.waitUntil(() => accepted.length > 50);
      await kafka.restart("SIGKILL");
      const before = accepted.length;
      await vi.waitUntil(() => accepted.length > before + 50, { timeout: 30_000 });
      writing = false;
      await written;
      const numbers: number[] = [];
      for (let offset = 0, end = await endOf(topic); offset < (end ?? 0); ) {
        const records = await fetched(at(topic, offset));
        numbers.push(...records.map(({ value }) => Number(value)));
        offset += records.length;
      }
      expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
      const stored = new Set(numbers.map(String));
      expect(accepted.filter((value) => !stored.has(value))).toEqual([]);
    }, 120_000);

    it("goes on under a new epoch when the broker has lost the end of a topic", async () => {
      const topic = newTopic();
      for (const value of ["kept", "lost", "lost"]) await log.produce([{ topic, value }]);
      await kafka.restart("SIGKILL", async (data) => {
        // As after a power cut on a disk that has not kept its word: the first batch is all that is left.
        const segment = join(data, `${topic}-0`, "00000000000000000000.log");
        const length = (await readFile(segment)).readInt32BE(8);
        await truncate(segment, 12 + length);
      });
      await log.produce([{ topic, value: "after" }]);
      expect(values(await fetched(at(topic)))).toEqual(["kept", "after"]);
    }, 120_000);

    it("fails in time, and is down, while it is away", async () => {
      const topic = newTopic();
      await log.produce([{ topic, value: "x" }]);
      await kafka.restart("SIGKILL", async () => {
        const began = performance.now();
        const attempts = [
          log.produce([{ topic, value: "y" }]),
          fetched(at(topic)),
          log.commit("task", [at(topic, 1)]),
          log.ping(),
        ];
        const outcomes = await Promise.allSettled(attempts);
        expect(outcomes.map(({ status }) => status)).toEqual(attempts.map(() => "rejected"));
        expect(performance.now() - began).toBeLessThan(15_000);
      });
      await log.produce([{ topic, value: "z" }]);
      expect(values(await fetched(at(topic)))).toEqual(["x", "z"]);
    }, 120_000);
  });
});

function storeOf({ brokers }: TestKafka) {
  const [host = "", port = ""] = brokers.plain.split(":");
  return { brokers: [{ host, port: Number(port) }], sasl: undefined, tls: undefined, replication: -1 };
}
