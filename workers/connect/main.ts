import { WorkerEntrypoint } from "cloudflare:workers";
import { Isolate } from "../../lib/isolate.ts";
import { Problem } from "../../lib/problem.ts";
import type { ConnectRpc, Delivery } from "../../lib/rpc/connect.ts";
import type { LayerHealth } from "../../schema/wire/health.ts";
import { registerAll, registeredInstances } from "./buckets.ts";
import { type ConnectEnv, openConnect } from "./context.ts";
import { runDelivery } from "./delivery.ts";
import { openSocket } from "./open-socket.ts";

export { Bucket } from "../../durable-objects/bucket.ts";

const isolate = new Isolate();

/** The connect layer's entry: each method calls one step. */
export default class ConnectService extends WorkerEntrypoint<ConnectEnv> implements ConnectRpc {
  readonly #connect = openConnect(this.env);

  override async fetch(request: Request): Promise<Response> {
    try {
      return await openSocket(this.#connect, request);
    } catch (fault) {
      if (fault instanceof Problem) return problemResponse(fault);
      this.#connect.log.error("opening a socket failed", fault);
      return problemResponse(new Problem("unavailable", { retryAfter: 1 }));
    }
  }

  deliver(delivery: Delivery) {
    isolate.count("deliveries");
    isolate.count("bucketCalls", delivery.buckets.length);
    return runDelivery(this.#connect, delivery);
  }

  registerAll() {
    return registerAll(this.#connect);
  }

  async health(): Promise<LayerHealth> {
    try {
      const instances = await registeredInstances(this.#connect);
      return { ok: true, instances: [isolate.report(), ...instances] };
    } catch (fault) {
      this.#connect.log.error("health failed", fault);
      return { ok: false, instances: [isolate.report()] };
    }
  }
}

function problemResponse(problem: Problem): Response {
  const headers = new Headers({ "Content-Type": "application/problem+json" });
  if (problem.retryAfter !== undefined) headers.set("Retry-After", String(problem.retryAfter));
  if (problem.code === "upgrade_required") headers.set("Upgrade", "websocket");
  return new Response(JSON.stringify(problem.document()), { status: problem.status, headers });
}
