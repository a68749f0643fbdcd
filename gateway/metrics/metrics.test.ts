import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  CREDENTIALS,
  ENGINE_KINDS,
  kafkaClient,
  redisClient,
  sqlClient,
  startTestGateway,
  statsOf,
  type TestGateway,
} from "../testing/test-gateway.ts";

describe.each(ENGINE_KINDS)("the metrics of a gateway on %s engines", (_, open) => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway(open);
  });
  afterAll(() => gateway.close());

  const request = (headers: Record<string, string>) => fetch(`${gateway.url}/metrics`, { headers });
  const metrics = async (): Promise<Map<string, number>> => {
    const response = await request({ authorization: `Bearer ${CREDENTIALS.stats}` });
    expect(response.headers.get("content-type")).toContain("text/plain; version=0.0.4");
    const lines = (await response.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    return new Map(
      lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.split(" ").at(-1))]),
    );
  };

  it("need the token for them", async () => {
    expect((await request({})).status).toBe(401);
    expect((await request({ authorization: `Bearer ${CREDENTIALS.redis}` })).status).toBe(401);
  });

  it("count what the statistics count, by protocol, operation and status", async () => {
    await kafkaClient(gateway.url)
      .producer()
      .produceMany(["a", "b"].map((value) => ({ topic: "t", value })));
    await kafkaClient(gateway.url).consumer().fetch({ topic: "t", partition: 0, offset: 0 });
    const redis = redisClient(gateway.url);
    await redis.pipeline().set("a", 1).get("a").get("a").exec();
    const authorization = `Bearer ${CREDENTIALS.redis}`;
    expect((await fetch(`${gateway.url}/redis/hget/a/field`, { headers: { authorization } })).status).toBe(
      400,
    );
    await redisClient(gateway.url, { token: "a-wrong-token" })
      .get("a")
      .catch(() => undefined);
    const sql = sqlClient(gateway.url);
    await sql.transaction([sql`SELECT 1`, sql`SELECT 2`]);
    await sql`SELECT nothing`.catch(() => undefined);

    const all = await metrics();
    const values = (name: string) =>
      Object.fromEntries(
        [...all]
          .filter(([key]) => key.startsWith(name))
          .map(([key, value]) => [key.slice(name.length), value]),
      );
    expect(values("gateway_requests_total")).toEqual({
      '{protocol="kafka",operation="produce",status="200"}': 1,
      '{protocol="kafka",operation="fetch",status="200"}': 1,
      '{protocol="redis",operation="pipeline",status="200"}': 1,
      '{protocol="redis",operation="command",status="400"}': 1,
      '{protocol="redis",operation="refused",status="401"}': 1,
      '{protocol="sql",operation="transaction",status="200"}': 1,
      '{protocol="sql",operation="query",status="400"}': 1,
    });
    expect(values("gateway_records_total")).toEqual({
      '{direction="produced"}': 2,
      '{direction="fetched"}': 2,
    });
    expect(values("gateway_commands_total")).toEqual({
      ...{ '{command="SET"}': 1, '{command="GET"}': 2, '{command="HGET"}': 1 },
    });
    expect(values("gateway_statements_total")).toEqual({ "": 3 });
    expect(values("gateway_engine_up")).toEqual({
      ...{ '{engine="kafka"}': 1, '{engine="redis"}': 1, '{engine="postgres"}': 1 },
    });
    expect(all.get('gateway_request_duration_seconds_count{protocol="sql",operation="query"}')).toBe(1);
    expect(all.get('gateway_request_duration_seconds_sum{protocol="sql",operation="query"}')).toBeLessThan(5);
    expect(all.get('gateway_requests_in_progress{protocol="kafka"}')).toBe(0);
    expect(all.get('gateway_bytes_total{direction="received"}')).toBeGreaterThan(500);
    expect(all.get('gateway_bytes_total{direction="sent"}')).toBeGreaterThan(500);
    expect(all.get("process_cpu_seconds_total")).toBeGreaterThan(0);
    expect(all.get("nodejs_eventloop_lag_seconds")).toBeGreaterThanOrEqual(0);

    expect(await statsOf(gateway.url)).toMatchObject({
      kafka: { requests: { produce: 1, fetch: 1 }, records: { produced: 2, fetched: 2 } },
      redis: { requests: 2, commands: { SET: 1, GET: 2, HGET: 1 } },
      postgres: { requests: 2, statements: 3 },
    });
  });

  it("show what waits: fetches in progress, and requests for a session of Postgres", async () => {
    const end = new AbortController();
    const waiting = fetch(`${gateway.url}/kafka/fetch`, {
      method: "POST",
      headers: { authorization: `Basic ${btoa(`${CREDENTIALS.username}:${CREDENTIALS.kafka}`)}` },
      body: JSON.stringify({ topic: "none", timeout: 60_000 }),
      signal: end.signal,
    }).catch(() => undefined);
    const sql = sqlClient(gateway.url);
    const sleeping = Promise.all(Array.from({ length: 12 }, () => sql`SELECT pg_sleep(1)`));
    await expect.poll(() => gateway.engines.postgres.queues()).toMatchObject({ requests: 4 });
    const all = await metrics();
    const value = (name: string) => all.get(`gateway_${name}`);
    expect(value('requests_in_progress{protocol="sql"}')).toBe(12);
    expect(value('requests_in_progress{protocol="kafka"}')).toBe(1);
    expect(value('queue_length{engine="postgres",queue="busy_sessions"}')).toBe(8);
    expect(value('queue_length{engine="postgres",queue="requests"}')).toBeGreaterThanOrEqual(4);
    await sleeping;
    end.abort();
    await waiting;
    await expect
      .poll(async () => (await metrics()).get('gateway_requests_in_progress{protocol="kafka"}'))
      .toBe(0);
  });

  it("count no more names of commands than there can be", async () => {
    await fetch(`${gateway.url}/redis/pipeline`, {
      method: "POST",
      headers: { authorization: `Bearer ${CREDENTIALS.redis}` },
      body: JSON.stringify(Array.from({ length: 600 }, (_, index) => [`WRONG${index}`])),
    });
    const names = [...(await metrics()).keys()].filter((key) => key.startsWith("gateway_commands_total"));
    expect(names.length).toBeLessThanOrEqual(501);
    expect(names).toContain('gateway_commands_total{command="OTHER"}');
  });
});
