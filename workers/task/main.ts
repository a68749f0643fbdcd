import { WorkerEntrypoint } from "cloudflare:workers";
import { Isolate } from "../../lib/isolate.ts";
import type { ReadableRecord } from "../../lib/message-log.ts";
import type { TaskRpc } from "../../lib/rpc/task.ts";
import type { Topic } from "../../schema/internal/topic.ts";
import { openTask, type TaskEnv } from "./context.ts";
import { sweep } from "./cron.ts";
import { indexMessages } from "./search-index.ts";
import { drainInSeries, drainQueued } from "./series.ts";
import { drainStatus } from "./status.ts";

const isolate = new Isolate();

/** The task layer: drains on calls, on queue messages and on cron. */
export default class TaskService extends WorkerEntrypoint<TaskEnv> implements TaskRpc {
  readonly #task = openTask(this.env, this.ctx);

  drain(topics: Topic[], written: ReadableRecord[] = []) {
    isolate.count("kicks");
    return this.#thenIndex(drainInSeries(this.#task, topics, written));
  }

  drainStatus() {
    isolate.count("statusKicks");
    return drainStatus(this.#task);
  }

  async health() {
    return { ok: true, instances: [isolate.report()] };
  }

  override queue(batch: MessageBatch<unknown>) {
    return this.#thenIndex(drainQueued(this.#task, batch));
  }

  override scheduled() {
    return sweep(this.#task);
  }

  /** What a drain has stored is indexed afterwards: nobody waits for it. */
  async #thenIndex(drained: Promise<void>): Promise<void> {
    await drained;
    this.#task.inBackground(indexMessages(this.#task));
  }
}
