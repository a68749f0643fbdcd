import type { Redis } from "./redis.ts";

/** Set at build time; a production build says false, and the bundler drops every fault point with it. */
declare const __FAULTS__: boolean;

/** The places between two steps at which tests let a layer die. */
export type FaultPoint =
  | "logic:marked"
  | "logic:produced"
  | "task:locked"
  | "task:fetched"
  | "task:stored"
  | "task:routed"
  | "task:delivered"
  | "task:committed";

/** The process is taken to have died here: nothing after it may run, nothing may be tidied up. */
export class Death extends Error {
  constructor(point: FaultPoint) {
    super(`died at ${point}`);
    this.name = "Death";
  }
}

/** Dies here, once, when a test has set the Redis key `fault:<point>`. */
export async function faultPoint(redis: Redis, point: FaultPoint): Promise<void> {
  if (typeof __FAULTS__ === "undefined" || !__FAULTS__) return;
  if ((await redis.del(`fault:${point}`)) === 1) throw new Death(point);
}
