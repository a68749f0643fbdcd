import { afterAll, beforeAll, expect, it } from "vitest";
import { type RealRedis, startRealRedis } from "../testing/real/redis.ts";
import type { Reply } from "./engine.ts";
import { openRedis } from "./ioredis-engine.ts";
import { isReading } from "./reading.ts";
import { redisStore } from "./settings.ts";

/** They read nothing that is stored. */
const WITHOUT_KEYS = ["PING", "ECHO", "TIME"];

let redis: RealRedis;
beforeAll(async () => {
  redis = await startRealRedis();
});
afterAll(() => redis.remove());

it("what counts as reading is flagged as reading by a real Redis, with all its subcommands", async () => {
  const store = redisStore({ REDIS_URL: redis.url() });
  if (store === undefined) throw new Error("The settings name no Redis");
  const engine = await openRedis(store);
  try {
    const ask = async (...words: [string, ...string[]]): Promise<readonly Reply[]> => {
      const [outcome] = await engine.pipeline([words]);
      return outcome !== undefined && "result" in outcome ? list(outcome.result) : [];
    };
    const names = (await ask("COMMAND", "LIST")).map(String).filter((name) => isReading(name.toUpperCase()));
    expect(names.length).toBeGreaterThan(70);
    for (const info of await ask("COMMAND", "INFO", ...names)) {
      const [name, , flags, , , , , , , subcommands] = list(info);
      if (WITHOUT_KEYS.includes(String(name).toUpperCase())) continue;
      const all = list(subcommands).filter((each) => !String(list(each)[0]).endsWith("|help"));
      const flagged = all.length > 0 ? all.map((each) => list(each)[2]) : [flags];
      for (const each of flagged) expect(list(each), String(name)).toContain("readonly");
    }
  } finally {
    await engine.close();
  }
});

function list(reply: Reply | undefined): readonly Reply[] {
  return typeof reply === "object" && reply !== null ? reply : [];
}
