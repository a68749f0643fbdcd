import { Hono } from "hono";
import { Access } from "./access/access.ts";
import { PROTOCOLS } from "./access/client.ts";
import type { GatewayConfig } from "./config.ts";
import { secretTable } from "./credentials.ts";
import type { Engines } from "./engines.ts";
import { checkHealth } from "./health.ts";
import { jsonResponse } from "./json-response.ts";
import type { ConsumerGroups } from "./kafka/consumer-groups.ts";
import { kafkaProtocol } from "./kafka/protocol.ts";
import { newCounters } from "./metrics/counters.ts";
import { measure } from "./metrics/measure.ts";
import { newMetrics } from "./metrics/registry.ts";
import type { RequestEnvironment } from "./metrics/request-variables.ts";
import { statsOf } from "./metrics/stats.ts";
import type { Traffic } from "./metrics/traffic.ts";
import { sqlProtocol } from "./postgres/protocol.ts";
import { redisProtocol } from "./redis/protocol.ts";

/** The parts of the gateway's HTTP application. */
export interface AppOptions {
  readonly config: GatewayConfig;
  readonly engines: Engines;
  readonly groups: ConsumerGroups;
  /** Aborted when the gateway ends: requests that wait for records return at once. */
  readonly closing: AbortSignal;
  /** The bytes of the server's connections. */
  readonly traffic: Traffic;
}

/** All routes of the gateway, on the given engines. */
export function gatewayApp({
  config,
  engines,
  groups,
  closing,
  traffic,
}: AppOptions): Hono<RequestEnvironment> {
  const counters = newCounters();
  const metrics = newMetrics({ counters, engines, traffic });
  const access = new Access(config.clients);
  const mayReadStats = secretTable([[`Bearer ${config.statsToken}`, true]]);
  const { limits } = config;
  const app = new Hono<RequestEnvironment>();

  for (const protocol of PROTOCOLS) {
    const observe = (operation: string, seconds: number) => metrics.observe(protocol, operation, seconds);
    app.use(`/${protocol}/*`, measure(protocol, counters, observe));
  }
  app.route(
    "/kafka",
    kafkaProtocol({ engine: engines.kafka, groups, gate: access.gate("kafka"), limits, counters, closing }),
  );
  app.route("/redis", redisProtocol({ engine: engines.redis, gate: access.gate("redis"), limits, counters }));
  app.route("/sql", sqlProtocol({ engine: engines.postgres, gate: access.gate("sql"), limits, counters }));

  app.get("/health", async () => {
    const { healthy, engines: health } = await checkHealth(engines);
    return jsonResponse(health, healthy ? 200 : 503);
  });

  app.on("GET", ["/stats", "/metrics"], async (c, next) => {
    if (mayReadStats(c.req.header("authorization")) === true) return await next();
    return jsonResponse({ error: "Unauthorized" }, 401);
  });
  app.get("/stats", () => jsonResponse(statsOf(counters)));
  app.get(
    "/metrics",
    async () => new Response(await metrics.text(), { headers: { "content-type": metrics.contentType } }),
  );

  app.notFound(() => jsonResponse({ error: "Not found" }, 404));
  return app;
}
