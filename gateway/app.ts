import { Hono } from "hono";
import type { GatewayConfig } from "./config.ts";
import { newCounters } from "./counters.ts";
import { secretMatcher } from "./credentials.ts";
import type { Engines } from "./engines.ts";
import { checkHealth } from "./health.ts";
import { jsonResponse } from "./json-response.ts";
import type { ConsumerGroups } from "./kafka/consumer-groups.ts";
import { kafkaProtocol } from "./kafka/protocol.ts";
import { sqlProtocol } from "./postgres/protocol.ts";
import { redisProtocol } from "./redis/protocol.ts";

/** The parts of the gateway's HTTP application. */
export interface AppOptions {
  readonly config: GatewayConfig;
  readonly engines: Engines;
  readonly groups: ConsumerGroups;
  /** Aborted when the gateway ends: requests that wait for records return at once. */
  readonly closing: AbortSignal;
}

/** All routes of the gateway, on the given engines. */
export function gatewayApp({ config, engines, groups, closing }: AppOptions): Hono {
  const counters = newCounters();
  const mayReadStats = secretMatcher(`Bearer ${config.statsToken}`);
  const { kafka, redis, postgres } = counters;
  const app = new Hono();

  app.route(
    "/kafka",
    kafkaProtocol({ engine: engines.kafka, groups, credentials: config.kafka, counters: kafka, closing }),
  );
  app.route("/redis", redisProtocol({ engine: engines.redis, token: config.redisToken, counters: redis }));
  app.route(
    "/sql",
    sqlProtocol({ engine: engines.postgres, password: config.databasePassword, counters: postgres }),
  );

  app.get("/health", async () => {
    const { healthy, engines: health } = await checkHealth(engines);
    return jsonResponse(health, healthy ? 200 : 503);
  });

  app.get("/stats", (c) => {
    if (!mayReadStats(c.req.header("authorization"))) return jsonResponse({ error: "Unauthorized" }, 401);
    const { user, system } = process.cpuUsage();
    return jsonResponse({ ...counters, process: { cpuSeconds: (user + system) / 1e6 } });
  });

  app.notFound(() => jsonResponse({ error: "Not found" }, 404));
  return app;
}
