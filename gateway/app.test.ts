import { describe, expect, it } from "vitest";
import { gatewayApp } from "./app.ts";
import type { Engines } from "./engines.ts";
import { ConsumerGroups } from "./kafka/consumer-groups.ts";
import { Traffic } from "./metrics/traffic.ts";
import {
  ENGINE_KINDS,
  redisClient,
  sqlClient,
  startTestGateway,
  statsOf,
  testConfig,
} from "./testing/test-gateway.ts";

describe.each(ENGINE_KINDS)("the gateway on %s engines", (_, open) => {
  it("is healthy when all engines are up, and counts its requests", async () => {
    const gateway = await startTestGateway(open);
    try {
      const health = await fetch(`${gateway.url}/health`);
      expect(health.status).toBe(200);
      expect(await health.json()).toEqual({ kafka: "up", redis: "up", postgres: "up" });

      await redisClient(gateway.url).pipeline().set("a", 1).set("b", 2).get("a").exec();
      const sql = sqlClient(gateway.url);
      await sql.transaction([sql`SELECT 1`, sql`SELECT 2`]);
      await sql`SELECT 3`;
      expect(await statsOf(gateway.url)).toEqual({
        kafka: { requests: {}, records: { produced: 0, fetched: 0 } },
        redis: { requests: 1, commands: { SET: 2, GET: 1 } },
        postgres: { requests: 2, statements: 3 },
        process: { cpuSeconds: expect.any(Number) },
      });
      expect((await fetch(`${gateway.url}/stats`)).status).toBe(401);
      expect((await fetch(`${gateway.url}/elsewhere`)).status).toBe(404);
    } finally {
      await gateway.close();
    }
  });

  it("says which engine is down", async () => {
    const gateway = await startTestGateway(open);
    try {
      const ping = () => Promise.reject(new Error("gone"));
      const engines: Engines = {
        ...gateway.engines,
        redis: { ...gateway.engines.redis, ping } as Engines["redis"],
      };
      const app = gatewayApp({
        config: testConfig(),
        engines,
        groups: new ConsumerGroups(engines.kafka),
        closing: new AbortController().signal,
        traffic: new Traffic(),
      });
      const health = await app.request("/health");
      expect(health.status).toBe(503);
      expect(await health.json()).toEqual({ kafka: "up", redis: "down", postgres: "up" });
    } finally {
      await gateway.close();
    }
  });
});
