import { describe, expect, it } from "vitest";
import { error, expectReplies, NOT_INTEGER, type ServerOf, SYNTAX, wrongNumber } from "./dialogue.ts";

/** Keys of all types, expiry, and the server. */
export function keyConformance(server: ServerOf): void {
  describe("keys", () => {
    it("exist, have a type and are deleted; a key that is named twice counts twice", () =>
      expectReplies(
        server(),
        ["MSET a 1 b 2", "OK"],
        ["RPUSH list x", 1],
        ["HSET hash f v", 1],
        ["SADD set x", 1],
        ["ZADD zset 1 x", 1],
        ["EXISTS a a none", 2],
        ["TOUCH a none", 1],
        ["TYPE a", "string"],
        ["TYPE list", "list"],
        ["TYPE hash", "hash"],
        ["TYPE set", "set"],
        ["TYPE zset", "zset"],
        ["TYPE none", "none"],
        ["DBSIZE", 6],
        ["DEL a a none", 1],
        ["UNLINK b list", 2],
        ["DBSIZE", 3],
        ["FLUSHDB", "OK"],
        ["DBSIZE", 0],
        ["DEL", wrongNumber("del")],
      ));

    it("are renamed with their value and expiry", () =>
      expectReplies(
        server(),
        ["SET a 1 EX 100", "OK"],
        ["SET b 2", "OK"],
        ["RENAME a b", "OK"],
        ["GET b", "1"],
        ["TTL b", 100],
        ["EXISTS a", 0],
        ["RENAME none x", error("ERR no such key")],
        ["SET c 3", "OK"],
        ["RENAMENX b c", 0],
        ["RENAMENX b d", 1],
        ["TTL d", 100],
      ));

    it.each([
      ["*", ["a1", "a2", "b1", "b\\"]],
      ["a?", ["a1", "a2"]],
      ["?1", ["a1", "b1"]],
      ["[ab]1", ["a1", "b1"]],
      ["[^a]1", ["b1"]],
      ["a[2-9]", ["a2"]],
      ["b\\\\", ["b\\"]],
      ["\\a1", ["a1"]],
      ["a.", []],
      ["a", []],
    ])("are found by the pattern %s", (pattern, found) =>
      expectReplies(
        server(),
        [["MSET", "a1", 1, "a2", 1, "b1", 1, "b\\", 1], "OK"],
        [["KEYS", pattern], expect.toSatisfy((keys: string[]) => String(keys.sort()) === String(found))],
      ),
    );

    it("are all found by a scan while other keys are added and removed", async () => {
      const redis = server().client();
      const keys = Array.from({ length: 100 }, (_, index) => `key:${index}`);
      await redis.mset(Object.fromEntries(keys.map((key) => [key, 1])));
      await redis.sadd("set", "x");
      const seen = new Set<string>();
      let cursor = "0";
      let pages = 0;
      do {
        const [next, page] = await redis.scan(cursor, { match: "key:*", count: 7, type: "string" });
        for (const key of page) seen.add(key);
        await redis.del(`key:${90 + pages}`);
        await redis.set(`later:${pages}`, 1);
        cursor = next;
        pages += 1;
      } while (cursor !== "0");
      expect([...seen]).toEqual(expect.arrayContaining(keys.slice(0, 90)));
      expect(pages).toBeGreaterThan(5);
    });

    it("are not scanned with an invalid cursor or count", () =>
      expectReplies(
        server(),
        ["SCAN x", error("ERR invalid cursor")],
        ["SCAN 0 COUNT 0", SYNTAX],
        ["SCAN 0 COUNT x", NOT_INTEGER],
        ["SCAN 0 FOR ever", SYNTAX],
        ["SCAN 0 MATCH none*", ["0", []]],
      ));
  });

  describe("expiry", () => {
    it("is set in seconds and milliseconds, from now and since the epoch", () =>
      expectReplies(
        server(),
        ["SET k v", "OK"],
        ["TTL k", -1],
        ["PTTL none", -2],
        ["EXPIRE k 100", 1],
        ["TTL k", 100],
        ["PTTL k", expect.toSatisfy((ms: number) => ms > 99_000 && ms <= 100_000)],
        ["PEXPIRE k 50000", 1],
        ["TTL k", 50],
        ["EXPIREAT k 33000000000", 1],
        ["EXPIRETIME k", 33000000000],
        ["PEXPIREAT k 33000000000123", 1],
        ["PEXPIRETIME k", 33000000000123],
        ["PERSIST k", 1],
        ["PERSIST k", 0],
        ["EXPIRETIME k", -1],
        ["PEXPIRETIME none", -2],
        ["EXPIRE none 1", 0],
      ));

    it("is set under conditions", () =>
      expectReplies(
        server(),
        ["SET k v", "OK"],
        ["EXPIRE k 100 XX", 0],
        ["EXPIRE k 100 GT", 0],
        ["EXPIRE k 100 LT", 1],
        ["EXPIRE k 200 NX", 0],
        ["EXPIRE k 200 LT", 0],
        ["EXPIRE k 200 gt", 1],
        ["TTL k", 200],
        ["EXPIRE k 10 NX GT", error("ERR NX and XX, GT or LT options at the same time are not compatible")],
        ["EXPIRE k 10 GT LT", error("ERR GT and LT options at the same time are not compatible")],
        ["EXPIRE k 10 SOON", error("ERR Unsupported option SOON")],
        ["EXPIRE k soon", NOT_INTEGER],
        ["EXPIRE k 9223372036854775807", error("ERR invalid expire time in 'expire' command")],
      ));

    it("in the past removes the key", () =>
      expectReplies(
        server(),
        ["MSET a 1 b 1", "OK"],
        ["EXPIRE a -1", 1],
        ["EXPIREAT b 1", 1],
        ["EXISTS a b", 0],
      ));

    it("removes a key of any type, so that it can be set again", async () => {
      const redis = server().client();
      await redis.set("k", "x", { px: 20 });
      await redis.rpush("list", "x");
      await redis.pexpire("list", 20);
      await expect.poll(() => redis.exists("k", "list")).toBe(0);
      expect(await redis.set("k", "again", { nx: true })).toBe("OK");
      expect(await redis.rpush("list", "y")).toBe(1);
      expect(await redis.ttl("list")).toBe(-1);
    });
  });

  describe("the server", () => {
    it("replies to a ping, echoes a message, and has a clock", () =>
      expectReplies(
        server(),
        ["PING", "PONG"],
        [["PING", "hello there"], "hello there"],
        ["ECHO é", "é"],
        ["TIME", [expect.stringMatching(/^\d{10}$/), expect.stringMatching(/^\d{1,6}$/)]],
      ));

    it("refuses unknown commands, and a wrong number of arguments", () =>
      expectReplies(
        server(),
        [
          "NOSUCH a b",
          error(expect.stringMatching(/^ERR unknown command 'NOSUCH', with args beginning with: 'a' 'b' ?$/)),
        ],
        [
          "nosuch",
          error(expect.stringMatching(/^ERR unknown command 'nosuch', with args beginning with: ?$/)),
        ],
        ["GET", wrongNumber("get")],
        ["get a b", wrongNumber("get")],
        ["DBSIZE now", wrongNumber("dbsize")],
      ));
  });
}
