import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type RealRedis, type RedisOptions, startRealRedis } from "../testing/real/redis.ts";
import { startTcpProxy, type TcpProxy } from "../testing/real/tcp-proxy.ts";
import { redisConformance } from "./conformance/suite.ts";
import type { RedisEngine } from "./engine.ts";
import { openRedis, type RedisLimits } from "./ioredis-engine.ts";
import { redisStore } from "./settings.ts";

/** The rights that docs/deployment.md names, and those that the tests themselves need. */
const ACL_USER =
  "user edge on >a:password/of%tests ~* +@all -@admin -@dangerous +info +flushall +flushdb +keys";
const ACL_LOGIN = `edge:${encodeURIComponent("a:password/of%tests")}`;

const KINDS: [name: string, options: RedisOptions, url: Parameters<RealRedis["url"]>[0]][] = [
  ["Redis", {}, {}],
  ["Redis with an ACL user", { lines: [ACL_USER, "user default off"] }, { user: ACL_LOGIN }],
  ["Redis over TLS, in another database", { tls: true }, { database: 3 }],
];

describe("a real Redis", () => {
  describe.each(KINDS)("%s", (name, options, url) => {
    let redis: RealRedis;
    beforeAll(async () => {
      redis = await startRealRedis(options);
    });
    afterAll(() => redis.remove());
    redisConformance(name, () => open(redis, url));
  });

  describe("behind a connection that fails", () => {
    let redis: RealRedis;
    let proxy: TcpProxy;
    const engines: RedisEngine[] = [];
    beforeAll(async () => {
      redis = await startRealRedis({ durable: true });
      proxy = await startTcpProxy(redis.port);
    });
    afterEach(async () => {
      redis.resume();
      proxy.mend();
      await Promise.all(engines.splice(0).map((engine) => engine.close()));
    });
    afterAll(async () => {
      await proxy.close();
      await redis.remove();
    });

    const through = async (limits: Partial<RedisLimits> = {}) => {
      const engine = await open({ ...redis, url: () => `redis://127.0.0.1:${proxy.port}` }, {}, limits);
      engines.push(engine);
      return engine;
    };
    const value = async (engine: RedisEngine, ...command: [string, ...string[]]) => {
      const [outcome] = await engine.pipeline([command]);
      return outcome !== undefined && "result" in outcome ? outcome.result : outcome;
    };
    const UNKNOWN = "ERR Redis has not replied: it is unknown whether the commands ran";

    it("fails what has no reply, and sends it only once", async () => {
      const engine = await through();
      await value(engine, "SET", "n", "0");
      proxy.swallowNextReply();
      await expect(engine.pipeline([["INCR", "n"]])).rejects.toThrow(UNKNOWN);
      expect(await value(engine, "GET", "n")).toBe("1");
      proxy.swallowNextReply();
      const transaction = engine.transaction([
        ["INCR", "n"],
        ["INCR", "n"],
      ]);
      await expect(transaction).rejects.toThrow(UNKNOWN);
      expect(await value(engine, "GET", "n")).toBe("3");
    });

    it("lets requests wait for the next connection, for a while", async () => {
      const engine = await through({ connectionMs: 5_000 });
      const impatient = await through({ connectionMs: 200 });
      proxy.cut();
      const sent = await Promise.allSettled([engine.ping(), impatient.ping()]);
      expect(sent).toMatchObject(Array(2).fill({ reason: { message: UNKNOWN } }));
      const waiting = value(engine, "ECHO", "later");
      await expect(impatient.ping()).rejects.toThrow("ERR there is no connection to Redis");
      proxy.mend();
      expect(await waiting).toBe("later");
    });

    it("gives up a server that does not reply, and uses it again when it does", async () => {
      const engine = await through({ replyMs: 300 });
      redis.pause();
      const both = await Promise.allSettled([engine.ping(), engine.pipeline([["INCR", "late"]])]);
      expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
      redis.resume();
      await expect.poll(() => engine.ping().then(() => "up", String), { timeout: 10_000 }).toBe("up");
    });

    it("refuses at once what is too much to wait", async () => {
      const few = await through({ requests: 2 });
      const small = await through({ bytes: 1_000 });
      redis.pause();
      const waiting = [few.ping(), few.ping(), small.ping()];
      const settled = Promise.allSettled(waiting);
      const tooMany = "ERR too many requests wait for Redis";
      await expect(few.ping()).rejects.toThrow(tooMany);
      await expect(small.pipeline([["SET", "k", "x".repeat(2_000)]])).rejects.toThrow(tooMany);
      redis.resume();
      expect((await settled).map(({ status }) => status)).toEqual(Array(3).fill("fulfilled"));
      await few.ping();
    });

    it("refuses commands that would change or hold the connection of others", async () => {
      const engine = await through();
      const held = [
        "SELECT 1",
        "MULTI",
        "BLPOP l 0",
        "SUBSCRIBE c",
        "XREAD BLOCK 0 STREAMS s 0",
        "QUIT",
        "SHUTDOWN",
      ];
      const outcomes = await engine.pipeline(held.map((text) => text.split(" ") as [string, ...string[]]));
      expect(outcomes).toEqual(held.map(() => ({ error: expect.stringMatching(/^ERR unknown command/) })));
      await expect(engine.transaction([["SET", "k", "v"], ["MULTI"]])).rejects.toThrow(/^EXECABORT /);
      expect(await value(engine, "GET", "k")).toBeNull();
    });

    it("loses its epoch when Redis restarts, and only then", async () => {
      const engine = await through();
      await value(engine, "MSET", "epoch", "1", "kept", "1");
      proxy.cut();
      await expect(engine.ping()).rejects.toThrow(UNKNOWN);
      proxy.mend();
      expect(await value(engine, "MGET", "epoch", "kept")).toEqual(["1", "1"]);
      await redis.restart();
      expect(await value(engine, "MGET", "epoch", "kept")).toEqual([null, "1"]);
      // Also when no gateway ran meanwhile.
      await value(engine, "SET", "epoch", "2");
      await Promise.all(engines.splice(0).map((closed) => closed.close()));
      await redis.restart();
      expect(await value(await through(), "MGET", "epoch", "kept")).toEqual([null, "1"]);
    });
  });
});

/** The engine on a started Redis. */
async function open(
  redis: Pick<RealRedis, "url" | "certificate">,
  url: Parameters<RealRedis["url"]>[0],
  limits: Partial<RedisLimits> = {},
): Promise<RedisEngine> {
  const store = redisStore({ REDIS_URL: redis.url(url), REDIS_CA_FILE: redis.certificate?.certificate });
  if (store === undefined) throw new Error("The URL of the test's Redis is not valid");
  return await openRedis(store, limits);
}
