import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { z } from "zod";

const ACCOUNT = "/accounts/account-of-tests";

/** A Worker that has been deployed: its secrets by name, and the names of what else is bound to it. */
type Worker = {
  bindings: string[];
  secrets: Record<string, string>;
  crons: string[];
  placement: Record<string, string> | undefined;
};

const Binding = z.looseObject({
  type: z.string(),
  name: z.string(),
  service: z.string().optional(),
  queue_name: z.string().optional(),
  bucket_name: z.string().optional(),
  text: z.string().optional(),
});
const Metadata = z.looseObject({
  bindings: z.array(Binding).default([]),
  placement: z.record(z.string(), z.string()).optional(),
});

/**
 * As much of Cloudflare's API as wrangler uses to deploy, in memory: it refuses what the platform refuses, such as a binding
 * to a Worker, queue or bucket that does not exist.
 */
export class CloudflareApi {
  readonly workers = new Map<string, Worker>();
  readonly queues = new Set<string>();
  readonly buckets = new Set<string>();
  /** What has been created or deployed, in order. */
  readonly changes: string[] = [];
  /** Requests that this API does not know. */
  readonly unknown: string[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer(getRequestListener(this.#routes().fetch));
  }

  static async start(): Promise<CloudflareApi> {
    const api = new CloudflareApi();
    api.#server.listen(0, "127.0.0.1");
    await once(api.#server, "listening");
    return api;
  }

  /** The variables with which wrangler uses it. */
  get environment(): Record<string, string> {
    const { port } = z.object({ port: z.number() }).parse(this.#server.address());
    return {
      CLOUDFLARE_API_BASE_URL: `http://127.0.0.1:${port}`,
      CLOUDFLARE_API_TOKEN: "token-of-tests",
      CLOUDFLARE_ACCOUNT_ID: "account-of-tests",
    };
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #routes(): Hono {
    const app = new Hono();
    app.get("/user/tokens/verify", (c) => success(c, { id: "token", status: "active" }));
    app.get("/user", (c) => success(c, { id: "user", email: "tests@example.com" }));
    app.get("/accounts", (c) => success(c, [{ id: "account-of-tests", name: "Tests" }]));
    app.get("/memberships", (c) =>
      success(c, [{ id: "membership", account: { id: "account-of-tests", name: "Tests" } }]),
    );
    app.route(ACCOUNT, this.#workerRoutes());
    app.route(ACCOUNT, this.#storeRoutes());
    app.all("*", (c) => {
      this.unknown.push(`${c.req.method} ${c.req.path}`);
      return failure(c, 7003, "Could not route");
    });
    return app;
  }

  #workerRoutes(): Hono {
    const noWorker = (c: Context) => failure(c, 10007, "This Worker does not exist on your account.");
    const app = new Hono();
    app.get("/workers/subdomain", (c) => success(c, { subdomain: "tests" }));
    app.get("/workers/services/:name", (c) => {
      if (!this.workers.has(c.req.param("name"))) return failure(c, 10090, "This service does not exist.");
      return success(c, {
        id: c.req.param("name"),
        default_environment: { environment: "production", script: {} },
      });
    });
    app.get("/workers/scripts/:name/secrets", (c) => {
      const worker = this.workers.get(c.req.param("name"));
      if (worker === undefined) return noWorker(c);
      return success(
        c,
        Object.keys(worker.secrets).map((name) => ({ name, type: "secret_text" })),
      );
    });
    app.get("/workers/scripts/:name/settings", (c) =>
      this.workers.has(c.req.param("name")) ? success(c, { bindings: [] }) : noWorker(c),
    );
    app.get("/workers/scripts/:name/deployments", (c) => success(c, { deployments: [] }));
    app.post("/workers/scripts/:name/assets-upload-session", (c) => success(c, { jwt: "jwt", buckets: [] }));
    app.get("/workers/workers/:name", (c) =>
      success(c, { subdomain: { enabled: false, previews_enabled: false } }),
    );
    app.on(["GET", "POST"], "/workers/scripts/:name/subdomain", (c) =>
      success(c, { enabled: true, previews_enabled: false }),
    );
    app.put("/workers/scripts/:name/schedules", async (c) => {
      const crons = z.array(z.object({ cron: z.string() })).parse(await c.req.json());
      const worker = this.workers.get(c.req.param("name"));
      if (worker === undefined) return noWorker(c);
      worker.crons = crons.map(({ cron }) => cron);
      return success(c, { schedules: crons });
    });
    app.on(["PUT", "POST"], ["/workers/scripts/:name", "/workers/scripts/:name/versions"], async (c) => {
      const form = await c.req.formData();
      const { bindings, placement } = Metadata.parse(JSON.parse(String(form.get("metadata"))));
      const lacking = bindings.find((binding) => !this.#has(binding));
      if (lacking !== undefined) return failure(c, 10143, `${lacking.name} is bound to nothing`, 400);
      const name = z.string().parse(c.req.param("name"));
      this.#upload(name, bindings, placement);
      const resources = { script: { handlers: [], named_handlers: [] }, script_runtime: {}, bindings: [] };
      return success(c, { id: name, startup_time_ms: 1, has_assets: name.endsWith("api"), resources });
    });
    app.on(["POST", "PATCH"], "/workers/scripts/:name/:what{deployments|script-settings}", (c) =>
      success(c, {}),
    );
    return app;
  }

  #storeRoutes(): Hono {
    const app = new Hono();
    const queueOf = (name: string) => ({ queue_id: `id-of-${name}`, queue_name: name, consumers: [] });
    app.get("/queues", (c) => {
      const asked = c.req.query("name");
      const names = [...this.queues].filter((name) => asked === undefined || name === asked);
      return success(c, names.map(queueOf));
    });
    app.post("/queues", async (c) => {
      const { queue_name } = z.object({ queue_name: z.string() }).parse(await c.req.json());
      this.queues.add(queue_name);
      this.changes.push(`queue ${queue_name}`);
      return success(c, queueOf(queue_name));
    });
    app.get("/queues/:id/consumers", (c) => success(c, []));
    app.post("/queues/:id/consumers", async (c) => {
      const { script_name } = z.looseObject({ script_name: z.string() }).parse(await c.req.json());
      this.changes.push(`${script_name} consumes ${c.req.param("id").slice("id-of-".length)}`);
      return success(c, {});
    });
    app.get("/r2/buckets/:name", (c) =>
      this.buckets.has(c.req.param("name"))
        ? success(c, { name: c.req.param("name") })
        : failure(c, 10006, "The specified bucket does not exist."),
    );
    app.post("/r2/buckets", async (c) => {
      const { name } = z.object({ name: z.string() }).parse(await c.req.json());
      this.buckets.add(name);
      this.changes.push(`bucket ${name}`);
      return success(c, { name });
    });
    return app;
  }

  #upload(name: string, bindings: z.infer<typeof Binding>[], placement: Worker["placement"]): void {
    const { secrets = {}, crons = [] } = this.workers.get(name) ?? {};
    const given = bindings.filter(({ type }) => type === "secret_text");
    const others = bindings.filter(({ type }) => !["secret_text", "plain_text", "inherit"].includes(type));
    const bound = others.map((binding) => binding.name).toSorted();
    const texts = Object.fromEntries(given.map((secret) => [secret.name, secret.text ?? ""]));
    this.workers.set(name, { bindings: bound, secrets: { ...secrets, ...texts }, crons, placement });
    this.changes.push(`${name}: ${bound.join(" ")}`.trim());
  }

  #has({ type, service = "", queue_name = "", bucket_name = "" }: z.infer<typeof Binding>): boolean {
    if (type === "service") return this.workers.has(service);
    if (type === "queue") return this.queues.has(queue_name);
    return type !== "r2_bucket" || this.buckets.has(bucket_name);
  }
}

function success(c: Context, result: unknown): Response {
  return c.json({ success: true, errors: [], messages: [], result });
}

function failure(c: Context, code: number, message: string, status: 400 | 404 = 404): Response {
  return c.json({ success: false, errors: [{ code, message }], messages: [], result: null }, status);
}
