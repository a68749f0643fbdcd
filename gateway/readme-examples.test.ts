import { neon, neonConfig, Pool } from "@neondatabase/serverless";
import { Kafka } from "@upstash/kafka";
import { Redis } from "@upstash/redis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { CREDENTIALS, ENGINE_KINDS, startTestGateway, type TestGateway } from "./testing/test-gateway.ts";

/** What the README of each client shows, done with nothing but its address and credentials changed. */
describe.each(ENGINE_KINDS)("the examples in the README of a client, on %s engines", (_, open) => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway(open);
  });
  afterAll(() => gateway.close());

  describe("@upstash/redis", () => {
    const client = () =>
      new Redis({ url: `${gateway.url}/redis`, token: CREDENTIALS.redis, enableTelemetry: false });

    it("strings, also for a while", async () => {
      const redis = client();
      expect(await redis.set("key", "value")).toBe("OK");
      expect(await redis.get("key")).toBe("value");
      await redis.set("key3", "value3", { ex: 1 });
      expect(await redis.ttl("key3")).toBe(1);
      await expect.poll(() => redis.get("key3"), { timeout: 5_000 }).toBeNull();
    });

    it("sorted sets, lists, hashes and sets", async () => {
      const redis = client();
      await redis.zadd("scores", { score: 1, member: "team1" });
      expect(await redis.zrange("scores", 0, 100)).toEqual(["team1"]);
      await redis.lpush("elements", "magnesium");
      expect(await redis.lrange("elements", 0, 100)).toEqual(["magnesium"]);
      await redis.hset("people", { name: "joe" });
      expect(await redis.hget("people", "name")).toBe("joe");
      await redis.sadd("animals", "cat");
      expect(await redis.spop("animals", 1)).toEqual(["cat"]);
      expect(await redis.exists("animals")).toBe(0);
    });
  });

  describe("@upstash/kafka", () => {
    const kafka = () =>
      new Kafka({
        ...{ url: `${gateway.url}/kafka`, username: CREDENTIALS.username, password: CREDENTIALS.kafka },
      });

    it("producing one message, also with options", async () => {
      const producer = kafka().producer();
      const message = { hello: "world" };
      expect(await producer.produce("my.topic", message)).toMatchObject({ topic: "my.topic", offset: 0 });
      // The README writes to partition 1; topics of the gateway have one, which is partition 0.
      const placed = await producer.produce("my.topic", message, {
        ...{ partition: 0, timestamp: 12_345, key: "custom key" },
        headers: [{ key: "traceId", value: "85a9f12" }],
      });
      expect(placed).toMatchObject({ topic: "my.topic", partition: 0, offset: 1, timestamp: 12_345 });
    });

    it("producing many messages", async () => {
      const placed = await kafka()
        .producer()
        .produceMany([
          { topic: "one.topic", value: { hello: "world" } },
          { topic: "another.topic", value: "another message" },
        ]);
      expect(placed).toMatchObject([
        { topic: "one.topic", offset: 0 },
        { topic: "another.topic", offset: 0 },
      ]);
    });

    it("consuming as a group", async () => {
      await kafka().producer().produce("test.topic", { hello: "world" });
      const messages = await kafka()
        .consumer()
        .consume({
          ...{ consumerGroupId: "group_1", instanceId: "instance_1" },
          ...{ topics: ["test.topic"], autoOffsetReset: "earliest" },
        });
      expect(messages).toMatchObject([{ topic: "test.topic", offset: 0, value: '{"hello":"world"}' }]);
    });

    it("committing by hand", async () => {
      const [consumerGroupId, instanceId, topic] = ["mygroup", "myinstance", "to.commit"];
      const consumer = kafka().consumer();
      const consume = (name: string) =>
        consumer.consume({
          ...{ consumerGroupId, instanceId: name, topics: [topic] },
          ...{ autoCommit: false, autoOffsetReset: "earliest" },
        });
      await kafka()
        .producer()
        .produceMany(["a", "b"].map((value) => ({ topic, value })));
      const messages = await consume(instanceId);
      expect(messages.map(({ value }) => value)).toEqual(["a", "b"]);
      for (const { topic, partition, offset } of messages)
        await consumer.commit({ consumerGroupId, instanceId, offset: { topic, partition, offset } });
      const topicPartitions = [{ topic, partition: 0 }];
      expect(await consumer.committed({ consumerGroupId, instanceId, topicPartitions })).toMatchObject([
        { offset: 1 },
      ]);
      await kafka().admin().removeConsumerInstance(consumerGroupId, instanceId);
      expect(await consume("another")).toMatchObject([{ value: "b" }]);
    });

    it("fetching from an offset", async () => {
      const values = Array.from({ length: 44 }, (_, index) => `greeting ${index}`);
      await kafka()
        .producer()
        .produceMany(values.map((value) => ({ topic: "greeting", value })));
      const messages = await kafka()
        .consumer()
        .fetch({ topic: "greeting", partition: 0, offset: 42, timeout: 1_000 });
      expect(messages.map(({ value }) => value)).toEqual(["greeting 42", "greeting 43"]);
    });
  });

  describe("@neondatabase/serverless", () => {
    const url = `postgresql://username:${encodeURIComponent(CREDENTIALS.database)}@host/neondb`;
    beforeAll(async () => {
      neonConfig.fetchEndpoint = `${gateway.url}/sql`;
      const sql = neon(url);
      await sql.transaction([
        sql`CREATE TABLE posts (id int PRIMARY KEY, title text, posted_at timestamptz DEFAULT now())`,
        sql`CREATE TABLE tags (name text)`,
        sql`INSERT INTO posts (id, title) VALUES (12, 'My post'), (13, 'Another')`,
        sql`INSERT INTO tags VALUES ('news')`,
      ]);
    });
    afterEach(() => {
      neonConfig.poolQueryViaFetch = false;
    });

    it("a query with a value", async () => {
      const sql = neon(url);
      const postId = 12;
      const [post] = await sql`SELECT * FROM posts WHERE id = ${postId}`;
      expect(post).toEqual({ id: 12, title: "My post", posted_at: expect.any(Date) });
      const [none] = await sql`SELECT * FROM posts WHERE id = ${99}`;
      expect(none).toBeUndefined();
    });

    it("a handler of requests", async () => {
      const sql = neon(url);
      const handle = async (request: Request): Promise<Response> => {
        const postId = Number.parseInt(new URL(request.url).searchParams.get("postId") ?? "", 10);
        if (Number.isNaN(postId)) return new Response("Bad request", { status: 400 });
        const [post] = await sql`SELECT * FROM posts WHERE id = ${postId}`;
        if (post === undefined) return new Response("Not found", { status: 404 });
        return new Response(JSON.stringify(post), { headers: { "content-type": "application/json" } });
      };
      const get = (query: string) => handle(new Request(`https://myapp.example/api/post${query}`));
      expect(await (await get("?postId=12")).json()).toMatchObject({ id: 12, title: "My post" });
      expect((await get("?postId=99")).status).toBe(404);
      expect((await get("")).status).toBe(400);
    });

    it("several queries in a transaction", async () => {
      const sql = neon(url);
      const showLatestN = 10;
      const [posts, tags] = await sql.transaction([
        sql`SELECT * FROM posts ORDER BY posted_at DESC LIMIT ${showLatestN}`,
        sql`SELECT * FROM tags`,
      ]);
      expect(posts).toHaveLength(2);
      expect(tags).toEqual([{ name: "news" }]);
    });

    it("a query of a pool, which its setting sends over HTTP", async () => {
      // Without it, pools and clients open a WebSocket, which the gateway does not serve.
      neonConfig.poolQueryViaFetch = true;
      const pool = new Pool({ connectionString: url });
      const { rows } = await pool.query("SELECT * FROM posts WHERE id = $1", [12]);
      expect(rows).toMatchObject([{ id: 12, title: "My post" }]);
      await pool.end();
    });
  });
});
