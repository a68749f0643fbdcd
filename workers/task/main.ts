import { WorkerEntrypoint } from "cloudflare:workers";
import type { TaskRpc } from "../../lib/rpc/task.ts";
import type { Topic } from "../../schema/internal/topic.ts";
import { openTask, type TaskEnv } from "./context.ts";
import { sweep } from "./cron.ts";
import { drainQueued } from "./queue.ts";
import { drainInSeries } from "./series.ts";
import { drainStatus } from "./status.ts";

/** The task layer: drains on calls, on queue messages and on cron. */
export default class TaskService extends WorkerEntrypoint<TaskEnv> implements TaskRpc {
  readonly #task = openTask(this.env, this.ctx);

  drain(topics: Topic[]) {
    return drainInSeries(this.#task, topics);
  }

  drainStatus() {
    return drainStatus(this.#task);
  }

  async health() {
    return { ok: true, instances: [] };
  }

  override queue(batch: MessageBatch<unknown>) {
    return drainQueued(this.#task, batch);
  }

  override scheduled() {
    return sweep(this.#task);
  }
}
