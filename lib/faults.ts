import type { Redis } from "./redis.ts";

/** Set at build time; false in a production build, from which the bundler removes every fault point. */
declare const __FAULTS__: boolean;

/** The places between two steps at which a test can make a layer die. */
export type FaultPoint =
  | "logic:marked"
  | "logic:produced"
  | "task:locked"
  | "task:fetched"
  | "task:stored"
  | "task:routed"
  | "task:delivered"
  | "task:committed";

/** Simulates the death of the process: code that catches it must not continue and must not clean up. */
export class Death extends Error {
  constructor(point: FaultPoint) {
    super(`died at ${point}`);
    this.name = "Death";
  }
}

/** Throws a {@link Death}, once, when a test has set the Redis key `fault:<point>`. */
export async function faultPoint(redis: Redis, point: FaultPoint): Promise<void> {
  if (typeof __FAULTS__ === "undefined" || !__FAULTS__) return;
  if ((await redis.del(`fault:${point}`)) === 1) throw new Death(point);
}
