import { OpenAPIHono } from "@hono/zod-openapi";
import { within } from "../../../lib/time-limit.ts";
import { Health, type LayerHealth } from "../../../schema/wire/health.ts";
import type { Api, ApiHono } from "../context.ts";
import { json, publicRoute } from "../route.ts";

/** How long a layer may take to respond. */
const TIMEOUT_MS = 2_000;

/** The health of all layers. */
export const health = new OpenAPIHono<ApiHono>();

health.openapi(
  publicRoute({
    method: "get",
    path: "/health",
    tags: ["System"],
    summary: "Check the health of every layer",
    responses: {
      200: json(Health, "All layers are healthy"),
      503: json(Health, "At least one layer is not healthy"),
    },
  }),
  async (context) => {
    const found = await readHealth(context.var.api, context.req.raw);
    return context.json(found, found.ok ? 200 : 503);
  },
);

/** Asks every layer; `request` says where this one runs. */
export async function readHealth(api: Api, request: Request): Promise<Health> {
  const [logic, task, connect, redis, database, log] = await Promise.all([
    check(api, "logic", () => api.logic.health()),
    check(api, "task", () => api.task.health()),
    check(api, "connect", () => api.connect.health()),
    check(api, "redis", () => responds(api.redis.ping())),
    check(api, "database", () => responds(api.database.$client.query("SELECT 1"))),
    check(api, "log", () => responds(api.messageLog.ping())),
  ]);
  const colo: unknown = request.cf?.colo;
  const layers = {
    api: { ok: true, instances: [{ colo: typeof colo === "string" ? colo : "unknown" }] },
    ...{ logic, log, task, connect, redis, database },
  };
  return { ok: Object.values(layers).every((layer) => layer.ok), ...layers };
}

/** The health of a layer: not ok when the check fails or takes too long. */
async function check(api: Api, layer: string, ask: () => Promise<LayerHealth>): Promise<LayerHealth> {
  try {
    return await within(TIMEOUT_MS, ask());
  } catch (fault) {
    api.log.error("layer is not well", fault, { about: layer });
    return { ok: false, instances: [] };
  }
}

/** A store is healthy when it responds. */
async function responds(response: Promise<unknown>): Promise<LayerHealth> {
  await response;
  return { ok: true, instances: [] };
}
