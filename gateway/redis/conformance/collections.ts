import { describe, expect, it } from "vitest";
import {
  error,
  expectReplies,
  NOT_INTEGER,
  type ServerOf,
  SYNTAX,
  WRONG_TYPE,
  wrongNumber,
} from "./dialogue.ts";

const sorted = (...members: string[]) =>
  expect.toSatisfy((reply: string[]) => String([...reply].sort()) === String(members));

/** Hashes, lists and sets. */
export function collectionConformance(server: ServerOf): void {
  describe("hashes", () => {
    it("hold fields", () =>
      expectReplies(
        server(),
        ["HSET h a 1 b 2", 2],
        ["HSET h b 3 c 4", 1],
        ["HMSET h d 5", "OK"],
        ["HSETNX h a 9", 0],
        ["HSETNX h e 9", 1],
        ["HGET h b", "3"],
        ["HGET h none", null],
        ["HMGET h a none c", ["1", null, "4"]],
        ["HGETALL h", ["a", "1", "b", "3", "c", "4", "d", "5", "e", "9"]],
        ["HKEYS h", ["a", "b", "c", "d", "e"]],
        ["HVALS h", ["1", "3", "4", "5", "9"]],
        ["HLEN h", 5],
        ["HEXISTS h a", 1],
        ["HSTRLEN h a", 1],
        ["HDEL h a a none", 1],
        ["HSCAN h 0 MATCH [bc]", ["0", ["b", "3", "c", "4"]]],
        ["HGETALL none", []],
        ["HSET h a", wrongNumber("hset")],
        ["HSET h a 1 b", wrongNumber("hset")],
        ["LPUSH h x", WRONG_TYPE],
      ));

    it("count in fields", () =>
      expectReplies(
        server(),
        ["HINCRBY h n 5", 5],
        ["HINCRBY h n -7", -2],
        ["HINCRBYFLOAT h n 2.5", "0.5"],
        ["HINCRBY h n 1", error("ERR hash value is not an integer")],
        ["HSET h n abc", 0],
        ["HINCRBYFLOAT h n 1", error("ERR hash value is not a float")],
        ["HINCRBY h n x", NOT_INTEGER],
        ["HSET h n 9223372036854775807", 0],
        ["HINCRBY h n 1", error("ERR increment or decrement would overflow")],
      ));
  });

  describe("lists", () => {
    it("grow and shrink at both ends", () =>
      expectReplies(
        server(),
        ["RPUSH l c d", 2],
        ["LPUSH l b a", 4],
        ["LRANGE l 0 -1", ["a", "b", "c", "d"]],
        ["LPUSHX none x", 0],
        ["RPUSHX l e", 5],
        ["LPOP l", "a"],
        ["RPOP l 2", ["e", "d"]],
        ["LPOP l 0", []],
        ["LPOP none", null],
        ["LPOP none 3", null],
        ["LPOP l -1", error("ERR value is out of range, must be positive")],
        ["LPOP l 9", ["b", "c"]],
        ["EXISTS l", 0],
      ));

    it("are read and written by index, from either end", () =>
      expectReplies(
        server(),
        ["RPUSH l a b c d", 4],
        ["LLEN l", 4],
        ["LINDEX l -1", "d"],
        ["LINDEX l 4", null],
        ["LRANGE l -3 -2", ["b", "c"]],
        ["LRANGE l 3 1", []],
        ["LRANGE l -100 100", ["a", "b", "c", "d"]],
        ["LSET l -1 D", "OK"],
        ["LSET l 4 x", error("ERR index out of range")],
        ["LSET none 0 x", error("ERR no such key")],
        ["LINSERT l before b A", 5],
        ["LINSERT l AFTER D e", 6],
        ["LINSERT l AFTER none e", -1],
        ["LINSERT none AFTER a e", 0],
        ["LINSERT l BESIDE a e", SYNTAX],
        ["LRANGE l 0 -1", ["a", "A", "b", "c", "D", "e"]],
        ["LTRIM l 1 -2", "OK"],
        ["LRANGE l 0 -1", ["A", "b", "c", "D"]],
        ["LINDEX l x", NOT_INTEGER],
      ));

    it("remove equal items from the front, from the back, or all", () =>
      expectReplies(
        server(),
        ["RPUSH l x a x b x c x", 7],
        ["LREM l 1 x", 1],
        ["LREM l -1 x", 1],
        ["LRANGE l 0 -1", ["a", "x", "b", "x", "c"]],
        ["LREM l 0 x", 2],
        ["LREM l 0 none", 0],
        ["LRANGE l 0 -1", ["a", "b", "c"]],
      ));

    it("move items to another list, or from one end to the other", () =>
      expectReplies(
        server(),
        ["RPUSH a 1 2 3", 3],
        ["LMOVE a b RIGHT LEFT", "3"],
        ["LMOVE a b left right", "1"],
        ["LRANGE b 0 -1", ["3", "1"]],
        ["RPOPLPUSH b b", "1"],
        ["LRANGE b 0 -1", ["1", "3"]],
        ["RPOPLPUSH none b", null],
        ["LMOVE a b UP DOWN", SYNTAX],
        ["SET s x", "OK"],
        ["LMOVE a s LEFT LEFT", WRONG_TYPE],
        ["LRANGE a 0 -1", ["2"]],
      ));
  });

  describe("sets", () => {
    it("hold members once", () =>
      expectReplies(
        server(),
        ["SADD s a b a", 2],
        ["SADD s b c", 1],
        ["SCARD s", 3],
        ["SMEMBERS s", sorted("a", "b", "c")],
        ["SISMEMBER s a", 1],
        ["SMISMEMBER s a none c", [1, 0, 1]],
        ["SMISMEMBER none a", [0]],
        ["SREM s a none", 1],
        ["SMOVE s t b", 1],
        ["SMOVE s t none", 0],
        ["SMEMBERS t", ["b"]],
        ["SSCAN s 0 MATCH c*", ["0", ["c"]]],
        ["SADD s", wrongNumber("sadd")],
        ["GET s", WRONG_TYPE],
      ));

    it("are combined, and stored under a key of any type", () =>
      expectReplies(
        server(),
        ["SADD a 1 2 3", 3],
        ["SADD b 2 3 4", 3],
        ["SINTER a b", sorted("2", "3")],
        ["SINTER a none", []],
        ["SUNION a b", sorted("1", "2", "3", "4")],
        ["SDIFF a b", ["1"]],
        ["SINTERCARD 2 a b", 2],
        ["SINTERCARD 2 a b LIMIT 1", 1],
        ["SINTERCARD 0 a", error("ERR numkeys should be greater than 0")],
        ["SET c x", "OK"],
        ["SUNIONSTORE c a b", 4],
        ["SDIFFSTORE a a b", 1],
        ["SMEMBERS a", ["1"]],
        ["SINTERSTORE c a b", 0],
        ["EXISTS c", 0],
        ["SET text x", "OK"],
        ["SUNION a text", WRONG_TYPE],
      ));

    it("return and remove random members", () =>
      expectReplies(
        server(),
        ["SADD s a b", 2],
        ["SRANDMEMBER s", expect.stringMatching(/^[ab]$/)],
        ["SRANDMEMBER s 5", sorted("a", "b")],
        ["SRANDMEMBER s -5", expect.toSatisfy((members: string[]) => members.length === 5)],
        ["SRANDMEMBER none", null],
        ["SRANDMEMBER s -9223372036854775808", error(expect.stringMatching(/^ERR value is out of range/))],
        ["SPOP s 0", []],
        ["SPOP s 9", sorted("a", "b")],
        ["SPOP s", null],
        ["SPOP s 1", []],
        ["SPOP s -1", error("ERR value is out of range, must be positive")],
      ));
  });

  it.each([
    ["list", "RPUSH k a", "LREM k 0 a"],
    ["list", "RPUSH k a", "LTRIM k 1 0"],
    ["list", "RPUSH k a", "RPOPLPUSH k other"],
    ["hash", "HSET k a 1", "HDEL k a"],
    ["set", "SADD k a", "SREM k a"],
    ["set", "SADD k a", "SPOP k"],
    ["set", "SADD k a", "SMOVE k other a"],
    ["sorted set", "ZADD k 1 a", "ZREM k a"],
    ["sorted set", "ZADD k 1 a", "ZPOPMAX k"],
    ["sorted set", "ZADD k 1 a", "ZREMRANGEBYSCORE k 1 1"],
  ])("an empty %s is deleted: after %s, %s", (_, fill, empty) =>
    expectReplies(
      server(),
      [fill, 1],
      ["EXPIRE k 100", 1],
      [empty, expect.anything()],
      ["EXISTS k", 0],
      [fill, 1],
      ["TTL k", -1],
    ),
  );

  it.each(["HDEL none a", "SREM none a", "ZREM none a", "LREM none 0 a"])("%s creates no key", (command) =>
    expectReplies(server(), [command, 0], ["EXISTS none", 0]),
  );
}
