import type { LoggedRecord } from "../../lib/message-log.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import type { DeliveryOutcome, HeldTopic } from "../../lib/rpc/connect.ts";
import type { Task } from "./context.ts";

/**
 * Commits what was delivered and takes back the marks of the hand-overs whose records were drained: a mark whose record
 * is still on its way stays. Only for topics whose locks were ours to the end.
 */
export async function settle(
  task: Task,
  records: LoggedRecord[],
  held: HeldTopic[],
  outcome: DeliveryOutcome,
): Promise<void> {
  const delivered = new Set([...outcome.released, ...outcome.again]);
  // Also where nothing was left to drain: whoever drained it may have died before the commit.
  const offsets = held.flatMap(({ topic, nextOffset }) =>
    nextOffset !== null && delivered.has(topic) ? [{ topic, offset: nextOffset }] : [],
  );
  if (offsets.length === 0) return;
  const drained = records.filter(({ topic }) => delivered.has(topic));
  const marks = new Set(
    drained.flatMap(({ topic, record }) => (record === null ? [] : [`${topic} ${record.mark}`])),
  );
  await Promise.all([
    task.messageLog.commit(offsets),
    marks.size > 0 && task.redis.zrem(redisKeys.behind, ...marks),
  ]);
}
