import { RpcTarget, WorkerEntrypoint } from "cloudflare:workers";
import type { BucketsRpc, LogicRpc } from "../../lib/rpc/logic.ts";
import type { TestLogic } from "./main.ts";

type Env = { TESTS: Service<TestLogic> };

/**
 * Logic as the platform sees it: a Worker of its own with RPC by noun, so that the tests make the same pipelined calls
 * as production. What each call does is up to the test, in the tests' own Worker.
 */
export default class Logic extends WorkerEntrypoint<Env> implements Pick<LogicRpc, "submit" | "buckets"> {
  submit(batch: Parameters<LogicRpc["submit"]>[0]) {
    return this.env.TESTS.submit(batch);
  }

  /** A getter of the class: a property of the instance is not reachable by RPC. */
  get buckets(): BucketsRpc {
    return new Buckets(this.env.TESTS);
  }
}

class Buckets extends RpcTarget implements BucketsRpc {
  readonly #tests: Env["TESTS"];

  constructor(tests: Env["TESTS"]) {
    super();
    this.#tests = tests;
  }

  arrive(...call: Parameters<BucketsRpc["arrive"]>) {
    return this.#tests.arrive(...call);
  }

  depart(...call: Parameters<BucketsRpc["depart"]>) {
    return this.#tests.depart(...call);
  }

  renew(...call: Parameters<BucketsRpc["renew"]>) {
    return this.#tests.renew(...call);
  }

  register(...call: Parameters<BucketsRpc["register"]>) {
    return this.#tests.register(...call);
  }

  release(...call: Parameters<BucketsRpc["release"]>) {
    return this.#tests.release(...call);
  }

  verify(...call: Parameters<BucketsRpc["verify"]>) {
    return this.#tests.verify(...call);
  }
}
