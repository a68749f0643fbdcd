import { errors } from "@upstash/redis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  CREDENTIALS,
  ENGINE_KINDS,
  redisClient,
  startTestGateway,
  type TestGateway,
} from "../testing/test-gateway.ts";

const RELEASE = `
  local released = 0
  for _, key in ipairs(KEYS) do
    if redis.call('GET', key) == ARGV[1] then released = released + redis.call('DEL', key) end
  end
  return released
`;

describe.each(ENGINE_KINDS)("the Redis protocol on the %s engine", (_, open) => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startTestGateway(open);
  });
  afterAll(() => gateway.close());
  beforeEach(() => redisClient(gateway.url).flushall());

  const redis = () => redisClient(gateway.url);
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${gateway.url}/redis${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${CREDENTIALS.redis}`, ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });

  describe("commands", () => {
    it.each([
      ["base64, as the client asks for by default", {}],
      ["plain", { responseEncoding: false as const }],
    ])("carries odd strings both ways, %s", async (_, options) => {
      const client = redisClient(gateway.url, options);
      for (const odd of ["", "é 😀 \u0000 \u2028", '"\\ \n', "OK", "T0s="]) {
        expect(await client.set("odd", odd)).toBe("OK");
        expect(await client.get("odd")).toBe(odd);
      }
    });

    it("encodes every string of an answer, in lists too, and nothing else", async () => {
      const headers = { "upstash-encoding": "base64" };
      await post("/pipeline", [
        ["SET", "a", "é"],
        ["RPUSH", "l", "x", "y"],
      ]);
      const answer = await post(
        "/pipeline",
        [
          ["GET", "a"],
          ["LRANGE", "l", 0, -1],
          ["LLEN", "l"],
          ["GET", "-"],
        ],
        headers,
      );
      expect(await answer.json()).toEqual([
        { result: btoa("\u00c3\u00a9") },
        { result: [btoa("x"), btoa("y")] },
        { result: 2 },
        { result: null },
      ]);
    });

    it("sets only when absent, with an expiry, in whatever case the options come", async () => {
      expect(await redis().set("lock", "a", { nx: true, px: 30_000 })).toBe("OK");
      expect(await redis().set("lock", "b", { nx: true, px: 30_000 })).toBeNull();
      expect(await redis().get("lock")).toBe("a");
      expect(await redis().pttl("lock")).toBeGreaterThan(29_000);
      expect(await redis().set("lock", "c", { xx: true, get: true })).toBe("a");
      expect(await redis().pttl("lock")).toBe(-1);
    });

    it("lets a key lapse", async () => {
      await redis().set("brief", "x", { px: 20 });
      await expect.poll(() => redis().exists("brief")).toBe(0);
      expect(await redis().set("brief", "again", { nx: true })).toBe("OK");
    });

    it("has hashes, sets, sorted sets and lists as the client reads them", async () => {
      const client = redis();
      await client.hset("hash", { a: 1, b: "two" });
      expect(await client.hgetall("hash")).toEqual({ a: 1, b: "two" });
      expect(await client.hincrby("hash", "a", 2)).toBe(3);
      expect(await client.sadd("set", "x", "y", "x")).toBe(2);
      expect((await client.smembers("set")).sort()).toEqual(["x", "y"]);
      await client.zadd("zset", { score: 2, member: "b" }, { score: 1, member: "a" });
      expect(await client.zrange("zset", 0, -1, { withScores: true })).toEqual(["a", 1, "b", 2]);
      expect(await client.zrange("zset", "(1", "+inf", { byScore: true })).toEqual(["b"]);
      expect(await client.zpopmin("zset", 1)).toEqual(["a", 1]);
      await client.rpush("list", "1", "2", "3");
      expect(await client.lpop("list", 2)).toEqual([1, 2]);
      expect(await client.lrange("list", 0, -1)).toEqual([3]);
    });

    it("lets no list, set or hash stay that has no members", async () => {
      const client = redis();
      await client.rpush("list", "a");
      await client.lrem("list", 0, "a");
      await client.zadd("zset", { score: 1, member: "a" });
      await client.zrem("zset", "a");
      await client.sadd("set", "a");
      await client.spop("set");
      expect(await client.exists("list", "zset", "set")).toBe(0);
    });

    it("takes a command from the path", async () => {
      const headers = { authorization: `Bearer ${CREDENTIALS.redis}` };
      const get = async (path: string) => (await fetch(`${gateway.url}/redis${path}`, { headers })).json();
      expect(await get("/set/a%2Fb/%C3%A9?EX=100")).toEqual({ result: "OK" });
      expect(await get("/get/a%2Fb")).toEqual({ result: "é" });
      expect(await get("/ttl/a%2Fb")).toEqual({ result: 100 });
      expect(await (await post("/set/from-body", "the body")).json()).toEqual({ result: "OK" });
      expect(await get("/get/from-body")).toEqual({ result: "the body" });
    });
  });

  describe("pipelines and transactions", () => {
    it("runs a pipeline in order, and tells each command's error by itself", async () => {
      const pipeline = redis().pipeline().set("n", 1).incr("n").lpush("n", "x").incr("n");
      const outcomes = await pipeline.exec({ keepErrors: true });
      expect(outcomes.map(({ result }) => result)).toEqual(["OK", 2, undefined, 3]);
      expect(outcomes[2]?.error).toMatch(/^WRONGTYPE /);
    });

    it("runs a transaction with nothing in between, whatever else is asked at the time", async () => {
      const slow = "redis.call('GET', KEYS[1]) return redis.call('INCR', KEYS[1])";
      const transaction = () => redis().multi().set("n", 0).eval(slow, ["n"], []).incr("n").get("n").exec();
      const others = Array.from({ length: 30 }, () => redis().eval(slow, ["n"], []));
      const results = await Promise.all([...Array.from({ length: 30 }, transaction), ...others]);
      expect(results.slice(0, 30)).toEqual(Array(30).fill(["OK", 1, 2, 2]));
    });

    it("goes on in a transaction after a command that fails while it runs", async () => {
      const answer = await post("/multi-exec", [
        ["SET", "n", "1"],
        ["LPUSH", "n", "x"],
        ["INCR", "n"],
      ]);
      expect(answer.status).toBe(200);
      expect(await answer.json()).toEqual([
        { result: "OK" },
        { error: expect.stringMatching(/^WRONGTYPE/) },
        { result: 2 },
      ]);
    });

    it("runs nothing of a transaction with a command that there is not", async () => {
      const answer = await post("/multi-exec", [
        ["SET", "n", "1"],
        ["NOSUCH", "n"],
      ]);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toEqual({ error: expect.stringMatching(/^EXECABORT /) });
      expect(await redis().exists("n")).toBe(0);
    });
  });

  describe("scripts", () => {
    it("releases many locks in one call, and only those of their owner", async () => {
      const keys = Array.from({ length: 500 }, (_, index) => `lock:${index}`);
      await redis().mset(
        Object.fromEntries(keys.map((key, index) => [key, index % 5 === 0 ? "other" : "me"])),
      );
      expect(await redis().eval(RELEASE, keys, ["me"])).toBe(400);
      expect(await redis().exists(...keys)).toBe(100);
    });

    it("converts values as Redis does", async () => {
      const evaluate = (script: string) => redis().eval(script, [], []);
      expect(await evaluate("return {1, 'a', {2, '3'}, 4.9, true}")).toEqual([1, "a", [2, 3], 4, 1]);
      expect(await evaluate("return {1, nil, 3}")).toEqual([1]);
      expect(await evaluate("return false")).toBeNull();
      expect(await evaluate("return redis.call('GET', 'none') == false")).toBe(1);
      expect(await evaluate("return redis.call('SET', 'k', 5).ok")).toBe("OK");
      expect(await evaluate("return redis.call('GET', 'k') .. 'é'")).toBe("5é");
      expect(await evaluate("return {ok = 'FINE'}")).toBe("FINE");
      expect(await evaluate("redis.call('SET', 'e', '') return redis.call('GET', 'e')")).toBe("");
    });

    it("tells errors: of Lua, of a command, and those that a script returns", async () => {
      const failure = (script: string) => redis().eval(script, ["k"], []);
      await expect(failure("return nosuch.field")).rejects.toThrow(/nonexistent global variable 'nosuch'/);
      await expect(failure("leak = 1")).rejects.toThrow(/create global variable 'leak'/);
      await expect(failure("return (")).rejects.toThrow(/ERR Error compiling script/);
      await expect(
        failure("redis.call('SET', KEYS[1], 'x') redis.call('LPUSH', KEYS[1], 'y')"),
      ).rejects.toThrow(/WRONGTYPE/);
      await expect(failure("return {err = 'MINE it failed'}")).rejects.toThrow(/MINE it failed/);
      expect(await failure("return redis.pcall('LPUSH', KEYS[1], 'y').err:sub(1, 9)")).toBe("WRONGTYPE");
    });

    it("keeps a loaded script under its SHA-1", async () => {
      const sha = await redis().scriptLoad("return ARGV[1]");
      expect(sha).toBe("098e0f0d1448c0a81dafe820f66d460eb09263da");
      expect(await redis().evalsha(sha, [], ["x"])).toBe("x");
      await expect(redis().evalsha("0".repeat(40), [], [])).rejects.toThrow(/NOSCRIPT/);
    });
  });

  describe("what is refused", () => {
    it("answers a wrong token so that the client throws", async () => {
      const stranger = redisClient(gateway.url, { token: "a-wrong-token" });
      const failure = stranger.get("k");
      await expect(failure).rejects.toThrow(errors.UpstashError);
      await expect(failure).rejects.toThrow(/WRONGPASS/);
    });

    it("answers a failed command so that the client throws with Redis' words", async () => {
      await redis().set("text", "abc");
      await expect(redis().incr("text")).rejects.toThrow(/ERR value is not an integer or out of range/);
      await expect(redis().lpush("text", "x")).rejects.toThrow(/WRONGTYPE/);
      await expect(redis().set("k", "v", { ex: 0 })).rejects.toThrow(/ERR invalid expire time/);
    });

    it.each([
      ["a body that is not JSON", "", "[", 400],
      ["a command that is no list", "", '"PING"', 400],
      ["an empty command", "", "[]", 400],
      ["a null argument", "", '["SET","k",null]', 400],
      ["a command that there is not", "", '["NOSUCH"]', 400],
      ["too few arguments", "", '["GET"]', 400],
      ["an empty pipeline", "/pipeline", "[]", 400],
      ["a body over the limit", "", `["SET","k","${"x".repeat(17 * 1024 * 1024)}"]`, 413],
    ])("answers %s as an error", async (_, path, body, status) => {
      const answer = await post(path, body);
      expect(answer.status).toBe(status);
      expect(await answer.json()).toEqual({ error: expect.any(String) });
    });
  });
});
