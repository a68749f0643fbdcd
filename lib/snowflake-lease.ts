import type { Redis } from "./redis.ts";
import { redisKeys } from "./redis-keys.ts";
import { SNOWFLAKE_WORKERS, Snowflake } from "./snowflake.ts";

/** How long a worker id is leased, and how long before the end it is no longer used (milliseconds). */
const LEASE_MS = 600_000;
const MARGIN_MS = 60_000;
/** The most by which clocks of two machines are assumed to differ (milliseconds). */
const OLD_MS = 3_600_000;

/**
 * An isolate's Snowflake generator under a worker id leased in Redis: no two isolates stamp under one id at the same
 * time. A lease is taken when it is needed, about every nine minutes of use, and never renewed: an isolate that sleeps
 * costs nothing.
 */
export class SnowflakeLease {
  #generator: Snowflake | undefined;
  #usableUntil = 0;

  /** A generator to stamp with now; do not keep it across an await. One round trip when a lease must be taken. */
  async generator(redis: Redis): Promise<Snowflake> {
    const now = Date.now();
    if (this.#generator !== undefined && now < this.#usableUntil) return this.#generator;
    const workerId = await this.#lease(redis);
    const successor = new Snowflake(workerId);
    successor.raise(this.#generator?.lastMs ?? 0);
    this.#generator = successor;
    this.#usableUntil = now + LEASE_MS - MARGIN_MS;
    return successor;
  }

  async #lease(redis: Redis): Promise<number> {
    // One try is nearly always enough; each further one is a collision with a leased id.
    for (let attempt = 0; attempt < 64; attempt++) {
      const workerId = Math.floor(Math.random() * SNOWFLAKE_WORKERS);
      const key = redisKeys.snowflakeWorker(workerId);
      const taken = await redis.set(key, crypto.randomUUID(), { nx: true, px: LEASE_MS });
      if (taken !== null) {
        await this.#forgetOldClocks(redis);
        return workerId;
      }
    }
    throw new Error("no Snowflake worker id is free");
  }

  /** Removes old clocks: they are below every current time, so no generator needs them as a floor. */
  async #forgetOldClocks(redis: Redis): Promise<void> {
    const [clocks] = await redis.pipeline().hgetall(redisKeys.snowflakeClock).exec<[string[]]>();
    const old: string[] = [];
    for (let index = 0; index + 1 < clocks.length; index += 2) {
      if (Number(clocks[index + 1]) < Date.now() - OLD_MS) old.push(clocks[index] ?? "");
    }
    if (old.length > 0) await redis.hdel(redisKeys.snowflakeClock, ...old);
  }
}
