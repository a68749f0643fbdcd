import { OpenAPIHono } from "@hono/zod-openapi";
import { Health, type LayerHealth } from "../../../schema/wire/health.ts";
import type { Api, ApiHono } from "../context.ts";
import { json, publicRoute } from "../route.ts";

/** How long a layer may take to answer. */
const PATIENCE_MS = 2_000;

/** Whether the system is well. */
export const health = new OpenAPIHono<ApiHono>();

health.openapi(
  publicRoute({
    method: "get",
    path: "/health",
    tags: ["System"],
    summary: "Ask every layer whether it answers",
    responses: {
      200: json(Health, "All do"),
      503: json(Health, "One does not"),
    },
  }),
  async (context) => {
    const { api } = context.var;
    const [logic, task, connect, redis, database, log] = await Promise.all([
      check(api, "logic", () => api.logic.health()),
      check(api, "task", () => api.task.health()),
      check(api, "connect", () => api.connect.health()),
      check(api, "redis", () => answering(api.redis.ping())),
      check(api, "database", () => answering(api.database.$client.query("SELECT 1"))),
      check(api, "log", () => answering(api.messageLog.ping())),
    ]);
    const colo: unknown = context.req.raw.cf?.colo;
    const layers = {
      api: { ok: true, instances: [{ colo: typeof colo === "string" ? colo : "unknown" }] },
      ...{ logic, log, task, connect, redis, database },
    };
    const ok = Object.values(layers).every((layer) => layer.ok);
    return context.json({ ok, ...layers }, ok ? 200 : 503);
  },
);

/** Asks a layer; it is not well when it fails or takes too long. */
async function check(api: Api, layer: string, ask: () => Promise<LayerHealth>): Promise<LayerHealth> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([ask(), tooLate]);
  } catch (fault) {
    api.log.error("layer is not well", fault, { about: layer });
    return { ok: false, instances: [] };
  } finally {
    clearTimeout(timer);
  }
}

/** A store is well when it answers at all. */
async function answering(answer: Promise<unknown>): Promise<LayerHealth> {
  await answer;
  return { ok: true, instances: [] };
}
