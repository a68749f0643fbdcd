import { Death, FAULTS_BUILT_IN } from "../../lib/faults.ts";
import type { Redis } from "../../lib/redis.ts";

/** The places between two steps of a drain at which tests let task die. */
export type FaultPoint = "locked" | "fetched" | "stored" | "routed" | "delivered" | "committed";

/** Dies here once, when a test has set `fault:task` to this point. */
export async function faultPoint(redis: Redis, point: FaultPoint): Promise<void> {
  if (!FAULTS_BUILT_IN) return;
  if ((await redis.get("fault:task")) !== point) return;
  await redis.del("fault:task");
  throw new Death(point);
}
