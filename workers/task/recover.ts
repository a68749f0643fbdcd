import { redisKeys } from "../../lib/redis-keys.ts";
import type { Task } from "./context.ts";

/** How long a rebuilding may take before another may try (milliseconds). */
const PATIENCE_MS = 15_000;

/**
 * Redis came back empty: its epoch is gone. Has every bucket register what it holds, marks every topic that the log
 * says is not drained, and only then sets a new epoch: until then every drain comes here first. Answers false when
 * somebody else is at it already.
 */
export async function recover(task: Task): Promise<boolean> {
  const begun = await task.redis.set(redisKeys.recovery, "1", { nx: true, px: PATIENCE_MS });
  if (begun === null) return false;
  task.log.warn("redis is empty: rebuilding");
  const [lagging] = await Promise.all([task.messageLog.lagging(), task.connect.registerAll()]);
  // Scored as behind for ever, so that the next sweep finds them should the call below be lost.
  const [first, ...rest] = lagging.map((topic) => ({ score: 0, member: `${topic} recovered` }));
  const pipeline = task.redis.pipeline();
  if (first !== undefined) pipeline.zadd(redisKeys.behind, first, ...rest);
  pipeline.set(redisKeys.epoch, crypto.randomUUID());
  pipeline.del(redisKeys.recovery);
  await pipeline.exec();
  if (lagging.length > 0) task.inBackground(task.self.drain(lagging));
  task.log.info("redis is rebuilt", { lagging: lagging.length });
  return true;
}
