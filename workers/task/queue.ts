import { LOCK_MS } from "../../lib/topic-lock.ts";
import { DrainMessage } from "../../schema/internal/drain-message.ts";
import type { Task } from "./context.ts";
import { drain } from "./drain.ts";
import { drainInSeries } from "./series.ts";

/**
 * Drains what a kick could not. Topics that another drain has locked, and those that failed, are drained again when
 * their locks have lapsed: if that drain has died, they are delivered again then, 30 s after it locked them.
 */
export async function drainQueued(task: Task, batch: MessageBatch<unknown>): Promise<void> {
  const topics = batch.messages.flatMap(({ body }) => DrainMessage.safeParse(body).data?.topics ?? []);
  if (topics.length === 0) return batch.ackAll();
  try {
    const { busy, delivered } = await drain(task, [...new Set(topics)]);
    const { again, failed } = await delivered;
    const later = [...busy, ...failed];
    if (later.length > 0) await task.drainQueue.send({ topics: later }, { delaySeconds: LOCK_MS / 1000 });
    batch.ackAll();
    if (again.length > 0) await drainInSeries(task, again);
  } catch (fault) {
    task.log.error("queued drain failed", fault, { topics });
    batch.retryAll({ delaySeconds: LOCK_MS / 1000 });
  }
}
