import { UpstashError } from "@upstash/kafka";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  CREDENTIALS,
  ENGINE_KINDS,
  kafkaClient,
  startTestGateway,
  type TestGateway,
} from "../testing/test-gateway.ts";
import type { Lag, LagPage } from "./engine.ts";

const CLIENT_BACKOFF_MS = [500, 1_000, 2_000, 4_000, 8_000];

describe.each(ENGINE_KINDS)("the Kafka protocol on the %s engine", (_, open) => {
  let gateway: TestGateway;
  let topics = 0;

  beforeAll(async () => {
    gateway = await startTestGateway(open);
  });
  afterAll(() => gateway.close());

  const newTopic = () => `topic-${++topics}`;
  const kafka = () => kafkaClient(gateway.url);
  const at = (topic: string, offset = 0) => ({ topic, partition: 0, offset });
  const valuesFrom = async (topic: string, offset = 0) =>
    (
      await kafka()
        .consumer()
        .fetch({ ...at(topic, offset), timeout: 0 })
    ).map(({ value }) => value);

  /** Without the client's waits of half a second to eight between attempts. */
  const withoutBackoff = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    const setTimeoutNow = globalThis.setTimeout;
    const hurried = <Args extends unknown[]>(callback: (...args: Args) => void, ms?: number, ...args: Args) =>
      setTimeoutNow(callback, CLIENT_BACKOFF_MS.includes(ms ?? 0) ? 0 : ms, ...args);
    vi.stubGlobal("setTimeout", hurried);
    return work().finally(() => vi.unstubAllGlobals());
  };
  const failureOf = (work: () => Promise<unknown>) =>
    withoutBackoff(() =>
      work().then(
        () => undefined,
        (error: unknown) => error,
      ),
    );

  describe("produce", () => {
    it("returns the offset of one record", async () => {
      const topic = newTopic();
      const before = Date.now();
      const placed = await kafka().producer().produce(topic, { text: "hello" });
      expect(placed).toEqual({ topic, partition: 0, offset: 0, timestamp: expect.any(Number) });
      expect(placed.timestamp).toBeGreaterThanOrEqual(before);
      expect(await valuesFrom(topic)).toEqual(['{"text":"hello"}']);
    });

    it("returns the offsets of many in the order of the request, which is also their order in each topic", async () => {
      const [a, b] = [newTopic(), newTopic()];
      const order = [a, b, a, a, b].map((topic, index) => ({ topic, value: `v${index}` }));
      const placed = await kafka().producer().produceMany(order);
      expect(placed.map(({ topic, offset }) => [topic, offset])).toEqual([
        [a, 0],
        [b, 0],
        [a, 1],
        [a, 2],
        [b, 1],
      ]);
      expect(await valuesFrom(a)).toEqual(["v0", "v2", "v3"]);
      expect(await valuesFrom(b)).toEqual(["v1", "v4"]);
    });

    it("keeps key, headers and timestamp, and unicode and control characters in all of them", async () => {
      const topic = newTopic();
      const odd = 'é 😀 \u0000 \u2028 "\\ \n';
      await kafka()
        .producer()
        .produce(topic, odd, { key: odd, headers: [{ key: odd, value: odd }], timestamp: 42 });
      await kafka().producer().produce(topic, "plain");
      const [first, second] = await kafka()
        .consumer()
        .fetch({ ...at(topic), timeout: 0 });
      expect(first).toEqual({
        ...at(topic),
        timestamp: 42,
        key: odd,
        value: odd,
        headers: [{ key: odd, value: odd }],
      });
      expect(second).toMatchObject({ key: "", headers: [] });
    });

    it("writes no record of a request in which one is invalid", async () => {
      const topic = newTopic();
      const records = [
        { topic, value: "good" },
        { topic, value: "bad", partition: 7 },
      ];
      const error = await failureOf(() => kafka().producer().produceMany(records));
      expect(error).toBeInstanceOf(UpstashError);
      expect(error).toMatchObject({
        result: "Failure",
        status: 400,
        error: expect.stringContaining("partition 7"),
      });
      expect(await valuesFrom(topic)).toEqual([]);
    });

    it("gives concurrent writers of one topic offsets without gaps, each in its own order", async () => {
      const topic = newTopic();
      const writers = Array.from({ length: 20 }, (_, writer) =>
        kafka()
          .producer()
          .produceMany([0, 1, 2].map((step) => ({ topic, value: `${writer}.${step}` }))),
      );
      const placed = (await Promise.all(writers)).flat();
      expect(placed.map(({ offset }) => offset).sort((a, b) => a - b)).toEqual([...Array(60).keys()]);
      const values = await valuesFrom(topic);
      for (let writer = 0; writer < 20; writer += 1) {
        expect(values.filter((value) => value.startsWith(`${writer}.`))).toEqual(
          [0, 1, 2].map((s) => `${writer}.${s}`),
        );
      }
    });
  });

  describe("fetch", () => {
    it("returns many topics in one request, each by ascending offset from the one requested", async () => {
      const names = Array.from({ length: 30 }, newTopic);
      await kafka()
        .producer()
        .produceMany(
          names.flatMap((topic) => [0, 1, 2].map((value) => ({ topic, value: `${topic}:${value}` }))),
        );
      const topicPartitionOffsets = names.map((topic) => at(topic, 1));
      const records = await kafka()
        .consumer()
        .fetch({ topicPartitionOffsets, timeout: 0 }, { parallel: false });
      for (const topic of names) {
        expect(records.filter((record) => record.topic === topic).map(({ offset }) => offset)).toEqual([
          1, 2,
        ]);
      }
      expect(records).toHaveLength(60);
    });

    it("does not let a long topic starve a short one", async () => {
      const [long, short] = [newTopic(), newTopic()];
      await kafka()
        .producer()
        .produceMany(Array.from({ length: 2_500 }, (_, index) => ({ topic: long, value: `${index}` })));
      await kafka().producer().produce(short, "here");
      const topicPartitionOffsets = [at(long), at(short)];
      const records = await kafka()
        .consumer()
        .fetch({ topicPartitionOffsets, timeout: 0 }, { parallel: false });
      expect(records.filter(({ topic }) => topic === short)).toHaveLength(1);
      expect(records.filter(({ topic }) => topic === long).map(({ offset }) => offset)).toEqual(
        [...Array(1_999).keys()], // The long topic gets the unused share of the short one.
      );
    });

    it("bounds a response in bytes, but returns a record of any size", async () => {
      const topic = newTopic();
      const large = "x".repeat(3 * 1024 * 1024);
      for (let index = 0; index < 3; index += 1) await kafka().producer().produce(topic, large);
      const first = await kafka()
        .consumer()
        .fetch({ ...at(topic), timeout: 0 });
      expect(first.map(({ offset }) => offset)).toEqual([0, 1]);
      expect(
        await kafka()
          .consumer()
          .fetch({ ...at(topic, 2), timeout: 0 }),
      ).toHaveLength(1);
    });

    it("returns nothing beyond the end of the log, and nothing of a topic without records", async () => {
      const topic = newTopic();
      await kafka().producer().produce(topic, "only");
      expect(await valuesFrom(topic, 1)).toEqual([]);
      expect(await valuesFrom(topic, 99)).toEqual([]);
      expect(await valuesFrom(newTopic())).toEqual([]);
    });

    it("waits for a record and returns as soon as there is one", async () => {
      const topic = newTopic();
      const began = performance.now();
      const fetch = vi.spyOn(gateway.engines.kafka, "fetch");
      const waiting = kafka()
        .consumer()
        .fetch({ ...at(topic), timeout: 20_000 });
      // When the engine's fetch has returned its promise, it has found no record and waits.
      await vi.waitUntil(() => fetch.mock.results.length > 0);
      fetch.mockRestore();
      await kafka().producer().produce(topic, "at last");
      expect(await waiting).toMatchObject([{ value: "at last" }]);
      expect(performance.now() - began).toBeLessThan(5_000);
    });

    it("waits a second without a timeout in the request", async () => {
      const began = performance.now();
      expect(await kafka().consumer().fetch(at(newTopic()))).toEqual([]);
      expect(performance.now() - began).toBeGreaterThan(950);
    });
  });

  describe("offsets of groups", () => {
    const group = { consumerGroupId: "task", instanceId: "any" };
    const partitions = (...names: string[]) => names.map((topic) => ({ topic, partition: 0 }));

    it("are stored one or many at a time; topics without a commit are left out", async () => {
      const [a, b, never] = [newTopic(), newTopic(), newTopic()];
      const consumer = kafka().consumer();
      await consumer.commit({ ...group, offset: at(a, 3) });
      await consumer.commit({ ...group, offset: [at(a, 5), at(b, 7)] });
      const topicPartitions = partitions(a, never, b);
      expect(await consumer.committed({ ...group, topicPartitions })).toEqual([at(a, 5), at(b, 7)]);
      expect(
        await kafka()
          .admin()
          .committedOffsets({ ...group, topicPartitions }),
      ).toEqual([at(a, 5), at(b, 7)]);
    });

    it("are separate for each group", async () => {
      const topic = newTopic();
      await kafka()
        .consumer()
        .commit({ ...group, offset: at(topic, 3) });
      const other = { consumerGroupId: "other", instanceId: "any", topicPartitions: partitions(topic) };
      expect(await kafka().consumer().committed(other)).toEqual([]);
    });

    it("returns the earliest offset, the latest, and the first at a time", async () => {
      const [topic, empty] = [newTopic(), newTopic()];
      for (const timestamp of [100, 200, 300]) await kafka().producer().produce(topic, "x", { timestamp });
      const offsetsAt = (timestamp: number | "earliest" | "latest") =>
        kafka()
          .admin()
          .topicPartitionOffsets({ timestamp, topicPartitions: partitions(topic, empty) });
      expect(await offsetsAt("earliest")).toEqual([at(topic, 0), at(empty, 0)]);
      expect(await offsetsAt("latest")).toEqual([at(topic, 3), at(empty, 0)]);
      expect(await offsetsAt(150)).toEqual([at(topic, 1), at(empty, 0)]);
      expect(await offsetsAt(301)).toEqual([at(topic, 3), at(empty, 0)]);
    });

    it("lists topics", async () => {
      const topic = newTopic();
      await kafka().producer().produce(topic, "x");
      expect(await kafka().admin().topics()).toMatchObject({ [topic]: 1 });
    });
  });

  describe("the lag of a group", () => {
    const lagging = async (group: string, query = "") => {
      const authorization = `Basic ${btoa(`${CREDENTIALS.username}:${CREDENTIALS.kafka}`)}`;
      const response = await fetch(`${gateway.url}/kafka/lagging/${group}${query}`, {
        headers: { authorization },
      });
      return { status: response.status, body: (await response.json()) as LagPage };
    };
    const lag = (topic: string, committed: number, end: number) => ({ topic, partition: 0, committed, end });
    const produceTo = (...names: string[]) =>
      kafka()
        .producer()
        .produceMany(names.map((topic) => ({ topic, value: "x" })));
    const commit = (consumerGroupId: string, topic: string, offset: number) =>
      kafka()
        .consumer()
        .commit({ consumerGroupId, instanceId: "any", offset: at(topic, offset) });

    it("lists the topics with uncommitted records, with the committed offset and the end", async () => {
      await produceTo("lag-a", "lag-b", "lag-b", "lag-c");
      await commit("half", "lag-a", 1);
      await commit("half", "lag-b", 1);
      const { body } = await lagging("half", "?after=lag-&limit=3");
      expect(body).toEqual({ items: [lag("lag-b", 1, 2), lag("lag-c", 0, 1)], next: "lag-c" });
    });

    it("goes through all topics page by page, past pages without lag", async () => {
      const names = Array.from({ length: 7 }, (_, index) => `page-${index}`);
      await produceTo(...names);
      for (const topic of names.slice(0, 6)) await commit("paged", topic, 1);
      const pages: (readonly Lag[])[] = [];
      for (let after: string | null = "page-"; after?.startsWith("page-"); ) {
        const { body } = await lagging("paged", `?after=${after}&limit=2`);
        pages.push(body.items.filter(({ topic }) => topic.startsWith("page-")));
        after = body.next;
      }
      expect(pages).toEqual([[], [], [], [lag("page-6", 0, 1)]]);
    });

    it("has no next page after the last topic, and no items when a group has committed everything", async () => {
      await produceTo("zz-last");
      expect((await lagging("end", "?after=zz-")).body).toEqual({
        items: [lag("zz-last", 0, 1)],
        next: null,
      });
      await commit("end", "zz-last", 1);
      expect((await lagging("end", "?after=zz-")).body).toEqual({ items: [], next: null });
      expect((await lagging("end", "?after=zz-last")).body).toEqual({ items: [], next: null });
    });

    it.each(["?limit=0", "?limit=10001", "?limit=many", "?after=a%20b"])("refuses %s", async (query) => {
      expect(await lagging("any", query)).toMatchObject({ status: 400, body: { result: "Failure" } });
    });
  });

  describe("consume", () => {
    const request = (topic: string, consumerGroupId: string, instanceId = "one") => ({
      ...{ consumerGroupId, instanceId, topics: [topic], timeout: 0 },
      autoOffsetReset: "earliest" as const,
    });

    it("returns each record once, and commits the returned records on request", async () => {
      const topic = newTopic();
      const consumer = kafka().consumer();
      await kafka()
        .producer()
        .produceMany([1, 2].map((value) => ({ topic, value })));
      const manual = { ...request(topic, "manual"), autoCommit: false };
      expect(await consumer.consume(manual)).toHaveLength(2);
      expect(await consumer.consume(manual)).toHaveLength(0);
      const topicPartitions = [{ topic, partition: 0 }];
      expect(await consumer.committed({ ...manual, topicPartitions })).toEqual([]);
      await consumer.commit(manual);
      expect(await consumer.committed({ ...manual, topicPartitions })).toEqual([at(topic, 2)]);
    });

    it("continues from the committed offset in another instance, also with automatic commits", async () => {
      const topic = newTopic();
      const consumer = kafka().consumer();
      await kafka().producer().produce(topic, "first");
      expect(await consumer.consume(request(topic, "auto", "one"))).toHaveLength(1);
      await kafka().admin().removeConsumerInstance("auto", "one");
      await kafka().producer().produce(topic, "second");
      expect(await consumer.consume(request(topic, "auto", "two"))).toMatchObject([{ value: "second" }]);
    });

    it("starts at the end by default, and fails without a commit when the reset is `none`", async () => {
      const topic = newTopic();
      await kafka().producer().produce(topic, "old");
      const latest = { consumerGroupId: "latest", instanceId: "one", topics: [topic], timeout: 0 };
      expect(await kafka().consumer().consume(latest)).toEqual([]);
      await kafka().producer().produce(topic, "new");
      expect(await kafka().consumer().consume(latest)).toMatchObject([{ value: "new" }]);
      const none = { ...request(topic, "none"), autoOffsetReset: "none" as const };
      expect(await failureOf(() => kafka().consumer().consume(none))).toMatchObject({ status: 400 });
    });

    it("assigns a topic to one instance of a group at a time, and lists its owner", async () => {
      const topic = newTopic();
      await kafka()
        .consumer()
        .consume(request(topic, "shared", "a"));
      await kafka()
        .consumer()
        .consume(request(topic, "shared", "b"));
      await kafka().producer().produce(topic, "once");
      const given = await Promise.all(
        ["a", "b"].map((name) =>
          kafka()
            .consumer()
            .consume(request(topic, "shared", name)),
        ),
      );
      expect(given.flat()).toHaveLength(1);
      const shared = (await kafka().admin().consumers()).find(({ name }) => name === "shared");
      expect(shared?.instances.flatMap((instance) => instance.topics)).toEqual([{ topic, partitions: [0] }]);
    });
  });

  describe("errors", () => {
    it("report a wrong password in the client's format, after its retries", async () => {
      const stranger = kafkaClient(gateway.url, "a-wrong-password");
      const error = await failureOf(() => stranger.admin().topics());
      expect(error).toBeInstanceOf(UpstashError);
      expect(error).toMatchObject({ result: "Failure", error: "Unauthorized", status: 401 });
    });

    it.each([
      ["a body that is not JSON", "/produce", "{", 400],
      ["a record without a value", "/produce", '{"topic":"t"}', 400],
      ["an invalid topic name", "/produce", '{"topic":"a b","value":"x"}', 400],
      ["an empty list of records", "/produce", "[]", 400],
      ["a negative offset", "/fetch", '{"topic":"t","offset":-1}', 400],
      ["an invalid time", "/offsets/soon", '[{"topic":"t","partition":0}]', 400],
      ["an unknown endpoint", "/nowhere", "{}", 404],
      ["a body over the limit", "/produce", `{"topic":"t","value":"${"x".repeat(17 * 1024 * 1024)}"}`, 413],
    ])("report %s as JSON", async (_, path, body, status) => {
      const authorization = `Basic ${btoa(`${CREDENTIALS.username}:${CREDENTIALS.kafka}`)}`;
      const response = await fetch(`${gateway.url}/kafka${path}`, {
        method: "POST",
        headers: { authorization },
        body,
      });
      expect(response.status).toBe(status);
      expect(await response.json()).toEqual({ result: "Failure", status, error: expect.any(String) });
    });
  });
});
