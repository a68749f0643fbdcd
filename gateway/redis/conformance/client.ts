import { describe, expect, it } from "vitest";
import type { ServerOf } from "./dialogue.ts";

/** The published client, pipelines and transactions. */
export function clientConformance(server: ServerOf): void {
  const redis = () => server().client();

  describe("the client", () => {
    it.each([
      ["base64, as it asks for by default", {}],
      ["plain", { responseEncoding: false as const }],
    ])("carries odd strings both ways, %s", async (_, options) => {
      const client = server().client(options);
      for (const odd of ["", "é 😀 \u0000 \u2028", '"\\ \n', "OK", "T0s="]) {
        expect(await client.set("odd", odd)).toBe("OK");
        expect(await client.get("odd")).toBe(odd);
      }
    });

    it("reads hashes, sets, sorted sets and lists as its own types", async () => {
      const client = redis();
      await client.hset("hash", { a: 1, b: "two" });
      expect(await client.hgetall("hash")).toEqual({ a: 1, b: "two" });
      expect(await client.hgetall("none")).toBeNull();
      expect(await client.hincrby("hash", "a", 2)).toBe(3);
      expect(await client.hscan("hash", 0)).toEqual(["0", ["a", 3, "b", "two"]]);
      expect(await client.sadd("set", "x", "y", "x")).toBe(2);
      expect((await client.smembers("set")).sort()).toEqual(["x", "y"]);
      await client.zadd("zset", { nx: true }, { score: 2, member: "b" }, { score: 1, member: "a" });
      expect(await client.zrange("zset", 0, -1, { withScores: true })).toEqual(["a", 1, "b", 2]);
      expect(await client.zrange("zset", "(1", "+inf", { byScore: true })).toEqual(["b"]);
      expect(await client.zrange("zset", 0, 0, { rev: true })).toEqual(["b"]);
      expect(await client.zpopmin("zset", 1)).toEqual(["a", 1]);
      await client.rpush("list", "1", "2", "3");
      expect(await client.lpop("list", 2)).toEqual([1, 2]);
      expect(await client.lrange("list", 0, -1)).toEqual([3]);
      expect(await client.set("lock", "a", { nx: true, px: 30_000 })).toBe("OK");
      expect(await client.set("lock", "b", { nx: true, px: 30_000 })).toBeNull();
    });

    it("throws with Redis' error message", async () => {
      await redis().set("text", "abc");
      await expect(redis().incr("text")).rejects.toThrow(/ERR value is not an integer or out of range/);
      await expect(redis().lpush("text", "x")).rejects.toThrow(/WRONGTYPE/);
    });

    it("loads a script when its SHA-1 is not known", async () => {
      await redis().scriptFlush();
      const script = redis().createScript<string>("return ARGV[1]");
      expect(await script.exec([], ["x"])).toBe("x");
      expect(await script.exec([], ["y"])).toBe("y");
    });
  });

  describe("pipelines and transactions", () => {
    it("run in order, with an outcome for each command", async () => {
      const pipeline = redis().pipeline().set("n", 1).incr("n").lpush("n", "x").incr("n");
      const outcomes = await pipeline.exec({ keepErrors: true });
      expect(outcomes.map(({ result }) => result)).toEqual(["OK", 2, undefined, 3]);
      expect(outcomes[2]?.error).toMatch(/^WRONGTYPE /);
    });

    it("run a transaction without other commands in between", async () => {
      const script = "redis.call('GET', KEYS[1]) return redis.call('INCR', KEYS[1])";
      const transaction = () => redis().multi().set("n", 0).eval(script, ["n"], []).incr("n").get("n").exec();
      const others = Array.from({ length: 30 }, () => redis().eval(script, ["n"], []));
      const results = await Promise.all([...Array.from({ length: 30 }, transaction), ...others]);
      expect(results.slice(0, 30)).toEqual(Array(30).fill(["OK", 1, 2, 2]));
    });

    it("continue a transaction after a command that fails while it runs", async () => {
      const commands = [
        ["SET", "n", "1"],
        ["LPUSH", "n", "x"],
        ["INCR", "n"],
      ];
      const response = await server().request("/multi-exec", commands);
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual([
        { result: "OK" },
        { error: expect.stringMatching(/^WRONGTYPE/) },
        { result: 2 },
      ]);
    });

    it.each([[["NOSUCH", "n"]], [["GET"]]])("run nothing of a transaction with %s", async (bad) => {
      const response = await server().request("/multi-exec", [["SET", "n", "1"], bad]);
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({ error: expect.stringMatching(/^EXECABORT /) });
      expect(await redis().exists("n")).toBe(0);
    });
  });
}
