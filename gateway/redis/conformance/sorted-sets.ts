import { describe, it } from "vitest";
import { error, expectReplies, NOT_INTEGER, type ServerOf, SYNTAX, WRONG_TYPE } from "./dialogue.ts";

const NOT_FLOAT = error("ERR value is not a valid float");

/** Sorted sets. */
export function sortedSetConformance(server: ServerOf): void {
  describe("sorted sets", () => {
    it("add and move members under the conditions given", () =>
      expectReplies(
        server(),
        ["ZADD z 1 a 2 b", 2],
        ["ZADD z 3 b 3 c", 1],
        ["ZADD z NX 9 a 4 d", 1],
        ["ZADD z XX 2 a 9 none", 0],
        ["ZADD z CH 5 a 5 e", 2],
        ["ZADD z GT CH 4 a", 0],
        ["ZADD z GT CH 6 a", 1],
        ["ZADD z LT CH 6 a", 0],
        ["ZADD z LT 1 f", 1],
        ["ZADD z INCR 1.5 a", "7.5"],
        ["ZADD z NX INCR 1 a", null],
        ["ZRANGE z 0 -1 WITHSCORES", ["f", "1", "b", "3", "c", "3", "d", "4", "e", "5", "a", "7.5"]],
      ));

    it("refuse contradictory options and invalid scores", () =>
      expectReplies(
        server(),
        ["ZADD z NX XX 1 a", error("ERR XX and NX options at the same time are not compatible")],
        ["ZADD z GT LT 1 a", error("ERR GT, LT, and/or NX options at the same time are not compatible")],
        ["ZADD z INCR 1 a 2 b", error("ERR INCR option supports a single increment-element pair")],
        ["ZADD z 1 a 2", SYNTAX],
        ["ZADD z NX CH", SYNTAX],
        ["ZADD z x a", NOT_FLOAT],
        ["ZADD z nan a", NOT_FLOAT],
        ["ZADD z 1 a x b", NOT_FLOAT],
        ["EXISTS z", 0],
        ["ZADD z inf a", 1],
        ["ZINCRBY z -inf a", error("ERR resulting score is not a number (NaN)")],
        ["SET s x", "OK"],
        ["ZADD s 1 a", WRONG_TYPE],
      ));

    it("format scores in the shortest form", () =>
      expectReplies(
        server(),
        ["ZADD z 1.0 a 2.50 b -inf c +inf d 1e3 e 9007199254740991 f .5 g", 7],
        [
          "ZMSCORE z a b c d e f g none",
          ["1", "2.5", "-inf", "inf", "1000", "9007199254740991", "0.5", null],
        ],
        ["ZINCRBY z 2 a", "3"],
        ["ZSCORE z none", null],
        ["ZSCORE none a", null],
      ));

    it("rank members by score, and by their bytes when scores are equal", () =>
      expectReplies(
        server(),
        ["ZADD z 1 b 1 a 1 é 1 Z 0 z", 5],
        ["ZRANGE z 0 -1", ["z", "Z", "a", "b", "é"]],
        ["ZCARD z", 5],
        ["ZRANK z a", 2],
        ["ZREVRANK z a", 2],
        ["ZREVRANK z é", 0],
        ["ZRANK z none", null],
      ));

    it("return ranges by rank", () =>
      expectReplies(
        server(),
        ["ZADD z 1 a 2 b 3 c", 3],
        ["ZRANGE z 1 -1", ["b", "c"]],
        ["ZRANGE z -2 -2", ["b"]],
        ["ZRANGE z 2 1", []],
        ["ZRANGE z 0 0 REV WITHSCORES", ["c", "3"]],
        ["ZREVRANGE z 0 1", ["c", "b"]],
        ["ZREVRANGE z -1 -1 WITHSCORES", ["a", "1"]],
        [
          "ZRANGE z 0 1 LIMIT 0 1",
          error("ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX"),
        ],
        ["ZRANGE z 0 x", NOT_INTEGER],
        ["ZRANGE z 0 1 SIDEWAYS", SYNTAX],
        ["ZREMRANGEBYRANK z 0 -2", 2],
        ["ZRANGE z 0 -1", ["c"]],
      ));

    it("return ranges by score", () =>
      expectReplies(
        server(),
        ["ZADD z 1 a 2 b 3 c 4 d", 4],
        ["ZRANGE z 2 3 BYSCORE", ["b", "c"]],
        ["ZRANGE z (2 +inf BYSCORE WITHSCORES", ["c", "3", "d", "4"]],
        ["ZRANGE z 3 (1 BYSCORE REV", ["c", "b"]],
        ["ZRANGE z -inf inf BYSCORE LIMIT 1 2", ["b", "c"]],
        ["ZRANGE z -inf inf BYSCORE LIMIT 2 -1", ["c", "d"]],
        ["ZRANGE z -inf inf BYSCORE LIMIT -1 2", []],
        ["ZRANGEBYSCORE z -inf (3 WITHSCORES LIMIT 1 5", ["b", "2"]],
        ["ZREVRANGEBYSCORE z 3 2", ["c", "b"]],
        ["ZCOUNT z (1 3", 2],
        ["ZCOUNT z 3 1", 0],
        ["ZCOUNT none 0 1", 0],
        ["ZRANGEBYSCORE z a b", error("ERR min or max is not a float")],
        ["ZREMRANGEBYSCORE z (1 3", 2],
        ["ZRANGE z 0 -1", ["a", "d"]],
      ));

    it("return ranges by bytes", () =>
      expectReplies(
        server(),
        ["ZADD z 0 a 0 ab 0 b 0 c", 4],
        ["ZRANGE z - + BYLEX", ["a", "ab", "b", "c"]],
        ["ZRANGE z [a (b BYLEX", ["a", "ab"]],
        ["ZRANGE z + (a BYLEX REV LIMIT 0 2", ["c", "b"]],
        ["ZRANGEBYLEX z (a [b", ["ab", "b"]],
        ["ZREVRANGEBYLEX z [b -", ["b", "ab", "a"]],
        ["ZLEXCOUNT z [a [b", 3],
        ["ZRANGEBYLEX z a b", error("ERR min or max not valid string range item")],
        [
          "ZRANGE z - + BYLEX WITHSCORES",
          error("ERR syntax error, WITHSCORES not supported in combination with BYLEX"),
        ],
        ["ZREMRANGEBYLEX z (a (c", 2],
        ["ZRANGE z 0 -1", ["a", "c"]],
      ));

    it("store a range under a key", () =>
      expectReplies(
        server(),
        ["ZADD z 1 a 2 b 3 c", 3],
        ["SET to x", "OK"],
        ["ZRANGESTORE to z 2 +inf BYSCORE", 2],
        ["ZRANGE to 0 -1 WITHSCORES", ["b", "2", "c", "3"]],
        ["ZRANGESTORE to z 5 9", 0],
        ["EXISTS to", 0],
      ));

    it("pop their lowest and highest members", () =>
      expectReplies(
        server(),
        ["ZADD z 1 a 2 b 3 c 4 d", 4],
        ["ZPOPMIN z", ["a", "1"]],
        ["ZPOPMAX z 2", ["d", "4", "c", "3"]],
        ["ZPOPMAX z 0", []],
        ["ZPOPMIN none", []],
        ["ZPOPMIN z -1", error("ERR value is out of range, must be positive")],
        ["ZPOPMIN z 9", ["b", "2"]],
        ["EXISTS z", 0],
      ));

    it("are combined, also with sets", () =>
      expectReplies(
        server(),
        ["ZADD a 1 x 2 y", 2],
        ["ZADD b 10 y 20 z", 2],
        ["SADD s x z", 2],
        ["ZUNION 2 a b WITHSCORES", ["x", "1", "y", "12", "z", "20"]],
        ["ZUNION 2 a s WEIGHTS 2 5 WITHSCORES", ["y", "4", "z", "5", "x", "7"]],
        ["ZINTER 2 a b WITHSCORES AGGREGATE MAX", ["y", "10"]],
        ["ZDIFF 2 a b WITHSCORES", ["x", "1"]],
        ["ZUNIONSTORE to 2 a b AGGREGATE MIN", 3],
        ["ZRANGE to 0 -1 WITHSCORES", ["x", "1", "y", "2", "z", "20"]],
        ["ZINTERSTORE to 2 a none", 0],
        ["EXISTS to", 0],
        ["ZUNION 0 a", error("ERR at least 1 input key is needed for 'zunion' command")],
        ["ZUNION 3 a b", SYNTAX],
        ["ZUNION 1 a WEIGHTS x", error("ERR weight value is not a float")],
        ["ZDIFFSTORE to 2 a b", 1],
      ));
  });
}
