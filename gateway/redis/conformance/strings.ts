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

/** Strings and counters. */
export function stringConformance(server: ServerOf): void {
  describe("strings", () => {
    it("sets under the given conditions, in upper or lower case", () =>
      expectReplies(
        server(),
        ["SET k a nx px 30000", "OK"],
        ["SET k b NX", null],
        ["GET k", "a"],
        ["SET k c XX GET", "a"],
        ["TTL k", -1],
        ["SET none c XX", null],
        ["SET new x NX GET", null],
        ["GET new", "x"],
        ["SET new y NX GET", "x"],
        ["GET new", "x"],
      ));

    it("keeps or drops the expiry", () =>
      expectReplies(
        server(),
        ["SET k a EX 100", "OK"],
        ["SET k b KEEPTTL", "OK"],
        ["TTL k", 100],
        ["APPEND k c", 2],
        ["TTL k", 100],
        ["SET k d", "OK"],
        ["TTL k", -1],
        ["SET k e EXAT 33000000000", "OK"],
        ["EXPIRETIME k", 33000000000],
        ["SET k f PXAT 33000000000123", "OK"],
        ["PEXPIRETIME k", 33000000000123],
        ["SET k g EXAT 1", "OK"],
        ["GET k", null],
      ));

    it("refuses contradictory and unknown options", () =>
      expectReplies(
        server(),
        ["SET k v NX XX", SYNTAX],
        ["SET k v EX 1 PX 1", SYNTAX],
        ["SET k v EX 1 KEEPTTL", SYNTAX],
        ["SET k v EX", SYNTAX],
        ["SET k v LATER", SYNTAX],
        ["SET k v EX soon", NOT_INTEGER],
        ["SET k v EX 0", error("ERR invalid expire time in 'set' command")],
        ["SETEX k -1 v", error("ERR invalid expire time in 'setex' command")],
        ["PSETEX k 0 v", error("ERR invalid expire time in 'psetex' command")],
        ["SET k v PX 9223372036854775807", error("ERR invalid expire time in 'set' command")],
        ["EXISTS k", 0],
        ["SET k", wrongNumber("set")],
      ));

    it("gets and changes", () =>
      expectReplies(
        server(),
        ["SETEX k 100 a", "OK"],
        ["GETEX k PERSIST", "a"],
        ["TTL k", -1],
        ["GETEX k EX 50", "a"],
        ["TTL k", 50],
        ["GETEX k EX 1 PERSIST", SYNTAX],
        ["GETEX none EX 50", null],
        ["GETSET k b", "a"],
        ["TTL k", -1],
        ["GETDEL k", "b"],
        ["GETDEL k", null],
        ["SETNX k c", 1],
        ["SETNX k d", 0],
        ["GET k", "c"],
      ));

    it("reads and sets many, all or nothing with MSETNX", () =>
      expectReplies(
        server(),
        ["MSET a 1 b 2", "OK"],
        ["SADD s x", 1],
        ["MGET a s none b", ["1", null, null, "2"]],
        ["MSETNX c 3 a 4", 0],
        ["EXISTS c", 0],
        ["MSETNX c 3 d 4", 1],
        ["MSET a 1 b", wrongNumber("mset")],
        ["MSETNX a", wrongNumber("msetnx")],
      ));

    it("counts bytes, not characters", () =>
      expectReplies(
        server(),
        ["SET k é😀", "OK"],
        ["STRLEN k", 6],
        ["GETRANGE k 0 1", "é"],
        ["GETRANGE k -4 -1", "😀"],
        ["APPEND k é", 8],
        ["GET k", "é😀é"],
        ["STRLEN none", 0],
      ));

    it("keeps bytes that are not UTF-8", async () => {
      await expectReplies(server(), ["SET k é", "OK"]);
      const response = await server().request("", ["GETRANGE", "k", 0, 0], { "upstash-encoding": "base64" });
      expect(await response.json()).toEqual({ result: Buffer.from([0xc3]).toString("base64") });
    });

    it("reads and writes ranges, counted from either end", () =>
      expectReplies(
        server(),
        ["SET k hello", "OK"],
        ["GETRANGE k 1 3", "ell"],
        ["GETRANGE k -3 -1", "llo"],
        ["GETRANGE k -100 100", "hello"],
        ["GETRANGE k 3 1", ""],
        ["SETRANGE k 1 EL", 5],
        ["GET k", "hELlo"],
        ["SETRANGE new 2 x", 3],
        ["GET new", "\0\0x"],
        ["SETRANGE k -1 x", error("ERR offset is out of range")],
        ["SETRANGE k 536870912 x", error("ERR string exceeds maximum allowed size (proto-max-bulk-len)")],
        [["SETRANGE", "none", "0", ""], 0],
        ["EXISTS none", 0],
      ));

    it("refuses keys that hold no string", () =>
      expectReplies(
        server(),
        ["RPUSH list a", 1],
        ["GET list", WRONG_TYPE],
        ["INCR list", WRONG_TYPE],
        ["APPEND list x", WRONG_TYPE],
        ["SET list v GET", WRONG_TYPE],
        ["LRANGE list 0 -1", ["a"]],
        ["SET list v", "OK"],
        ["GET list", "v"],
      ));
  });

  describe("counters", () => {
    it("count from 0, and keep their expiry", () =>
      expectReplies(
        server(),
        ["INCR n", 1],
        ["EXPIRE n 100", 1],
        ["INCRBY n 41", 42],
        ["DECR n", 41],
        ["DECRBY n 50", -9],
        ["GET n", "-9"],
        ["TTL n", 100],
      ));

    it("are exact up to 64 bits, and refuse to go further", async () => {
      await expectReplies(
        server(),
        ["SET n 9007199254740993", "OK"],
        ["INCR n", 9007199254740994],
        ["SET n 9223372036854775806", "OK"],
        ["INCR n", expect.any(Number)],
        ["GET n", "9223372036854775807"],
        ["INCR n", error("ERR increment or decrement would overflow")],
        ["GET n", "9223372036854775807"],
        ["DECRBY n -9223372036854775808", error("ERR decrement would overflow")],
        ["INCRBY n 9223372036854775808", NOT_INTEGER],
        ["SET n 9223372036854775806", "OK"],
      );
      const response = await server().request("", ["INCR", "n"]);
      expect(await response.text()).toBe('{"result":9223372036854775807}');
    });

    it.each(["abc", "1.5", "01", "+1", "", " 1", "-0", "9223372036854775808"])(
      "refuse to count from '%s'",
      (held) => expectReplies(server(), [["SET", "n", held], "OK"], ["INCR n", NOT_INTEGER]),
    );

    it("add decimals without an exponent", () =>
      expectReplies(
        server(),
        ["INCRBYFLOAT n 10.5", "10.5"],
        ["INCRBYFLOAT n 0.1", "10.6"],
        ["INCRBYFLOAT n -5.6", "5"],
        ["SET n 5.0e3", "OK"],
        ["INCRBYFLOAT n 2.0e2", "5200"],
        ["INCRBYFLOAT n abc", error("ERR value is not a valid float")],
        ["INCRBYFLOAT n inf", error("ERR increment would produce NaN or Infinity")],
        ["SET n abc", "OK"],
        ["INCRBYFLOAT n 1", error("ERR value is not a valid float")],
      ));
  });
}
