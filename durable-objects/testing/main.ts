import { WorkerEntrypoint } from "cloudflare:workers";
import type { BucketsRpc, LogicRpc } from "../../lib/rpc/logic.ts";
import { logic } from "./logic.ts";

export { Bucket } from "../bucket.ts";

/**
 * Where the Worker that the tests bind as `LOGIC` passes its calls on: to what the test has set up. Flat, because the
 * test pool wraps the entrypoints of this Worker, and its wrapper cannot pass on a call of a property's method.
 */
export class TestLogic extends WorkerEntrypoint implements Pick<LogicRpc, "submit">, BucketsRpc {
  submit(...call: Parameters<LogicRpc["submit"]>) {
    return logic.submit(...call);
  }

  arrive(...call: Parameters<BucketsRpc["arrive"]>) {
    return logic.arrive(...call);
  }

  depart(...call: Parameters<BucketsRpc["depart"]>) {
    return logic.depart(...call);
  }

  renew(...call: Parameters<BucketsRpc["renew"]>) {
    return logic.renew(...call);
  }

  register(...call: Parameters<BucketsRpc["register"]>) {
    return logic.register(...call);
  }

  release(...call: Parameters<BucketsRpc["release"]>) {
    return logic.release(...call);
  }

  verify(...call: Parameters<BucketsRpc["verify"]>) {
    return logic.verify(...call);
  }
}

export default {
  fetch: () => new Response("not found", { status: 404 }),
};
