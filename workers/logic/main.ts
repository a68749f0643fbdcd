import { WorkerEntrypoint } from "cloudflare:workers";
import { Isolate } from "../../lib/isolate.ts";
import type { LogicRpc, Submission } from "../../lib/rpc/logic.ts";
import type { Topic } from "../../schema/internal/topic.ts";
import { Accounts } from "./accounts.ts";
import { Blocks } from "./blocks.ts";
import { Buckets } from "./buckets.ts";
import { type LogicEnv, openLogic } from "./context.ts";
import { publishFacts } from "./facts.ts";
import { Friends } from "./friends.ts";
import { Groups } from "./groups.ts";
import { Invites } from "./invites.ts";
import { JoinRequests } from "./join-requests.ts";
import { Members } from "./members.ts";
import { submit } from "./submit.ts";

const isolate = new Isolate();

/** The logic layer: a noun of its RPC is a file beside this one. */
export default class LogicService extends WorkerEntrypoint<LogicEnv> implements LogicRpc {
  readonly #logic = openLogic(this.env, this.ctx);

  get accounts() {
    return new Accounts(this.#logic);
  }

  get blocks() {
    return new Blocks(this.#logic);
  }

  get buckets() {
    return new Buckets(this.#logic);
  }

  get friends() {
    return new Friends(this.#logic);
  }

  get groups() {
    return new Groups(this.#logic);
  }

  get invites() {
    return new Invites(this.#logic);
  }

  get joinRequests() {
    return new JoinRequests(this.#logic);
  }

  get members() {
    return new Members(this.#logic);
  }

  submit(batch: Submission[]) {
    isolate.count("submits");
    isolate.count("submissions", batch.length);
    return submit(this.#logic, batch);
  }

  relayFacts(topics: Topic[]) {
    return publishFacts(this.#logic, topics);
  }

  async health() {
    return { ok: true, instances: [isolate.report()] };
  }
}
