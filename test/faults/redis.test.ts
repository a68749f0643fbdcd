import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { REDIS_SERVER, type RealRedis, startRealRedis } from "../../gateway/testing/real/redis.ts";
import { type System, startSystem } from "../harness/system.ts";
import { Load } from "./load.ts";

describe.skipIf(REDIS_SERVER === undefined)("on a real Redis that keeps its data", () => {
  let redis: RealRedis;
  let system: System;
  let load: Load | undefined;
  beforeAll(async () => {
    redis = await startRealRedis({ durable: true });
    const env = { PASSWORD_COST: "1024", CRON_SECONDS: "5", GRACE_SECONDS: "2", REDIS_URL: redis.url() };
    system = await startSystem({ env });
  });
  afterAll(async () => {
    await load?.close();
    await system.remove();
    await redis.remove();
  });

  it("nothing is lost or repeated when Redis dies under load and comes back without its newest writes", async () => {
    load = await Load.start(system.url, 4);
    for (let kills = 0; kills < 2; kills++) {
      await load.goesOn(200);
      // It syncs its file once a second, so the marks of the last messages are gone.
      await redis.kill();
      await redis.start();
    }
    await load.goesOn(200);
    await load.stop();
    await load.expectKept();
    expect((await system.log()).match(/redis is empty: rebuilding/g)?.length).toBeGreaterThanOrEqual(2);
  }, 300_000);

  it("a restart of everything else rebuilds nothing", async () => {
    const rebuilt = async () => (await system.log()).match(/redis is empty: rebuilding/g)?.length;
    const before = await rebuilt();
    await system.stop();
    await system.start();
    expect(await rebuilt()).toBe(before);
  }, 120_000);
});
