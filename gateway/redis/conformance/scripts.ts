import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { error, expectReplies, type ServerOf } from "./dialogue.ts";

const lua = (script: string, ...keysAndArgs: (string | number)[]) => [
  "EVAL",
  script,
  ...(keysAndArgs.length > 0 ? keysAndArgs : [0]),
];
const startsWith = (text: string) =>
  error(expect.stringMatching(new RegExp(`^${text.replace(/[()[\]'.]/g, "\\$&")}`)));

/** The second limit of a sliding window, as `@upstash/ratelimit` counts it. */
const SLIDING_WINDOW = `
  local tokens, now, window, by = tonumber(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4])
  local current = redis.call("GET", KEYS[1])
  if current == false then current = 0 end
  local previous = redis.call("GET", KEYS[2])
  if previous == false then previous = 0 end
  local share = ( now % window ) / window
  previous = math.floor(( 1 - share ) * previous)
  if by > 0 and previous + current >= tokens then return {-1, tokens} end
  local value = redis.call("INCRBY", KEYS[1], by)
  if value == by then redis.call("PEXPIRE", KEYS[1], window * 2 + 1000) end
  return {tokens - ( value + previous ), tokens}
`;

/** Scripts. */
export function scriptConformance(server: ServerOf): void {
  describe("scripts", () => {
    it("get keys and arguments, and return values as Redis converts them", () =>
      expectReplies(
        server(),
        [lua("return {KEYS[1], KEYS[2], ARGV[1], #ARGV}", 2, "a", "é", "x", "y"), ["a", "é", "x", 2]],
        [lua("return {1, 'a', {2, '3'}, 4.9, -4.9, true, {}}"), [1, "a", [2, "3"], 4, -4, 1, []]],
        [lua("return {1, nil, 3}"), [1]],
        [lua("return {1, false, 3}"), [1, null, 3]],
        [lua("return false"), null],
        [lua("return nil"), null],
        [lua("local x = 1"), null],
        [lua("return {ok = 'FINE'}"), "FINE"],
        [lua("return redis.status_reply('FINE')"), "FINE"],
        [lua("return 'é' .. #'é'"), "é2"],
      ));

    it("see replies as Redis converts them", () =>
      expectReplies(
        server(),
        [lua("return redis.call('GET', 'none') == false"), 1],
        [lua("return redis.call('SET', 'k', 5).ok"), "OK"],
        [lua("return type(redis.call('INCR', 'k')) .. redis.call('GET', 'k')"), "number6"],
        [lua("redis.call('RPUSH', 'l', 'a', 'b') return #redis.call('LRANGE', 'l', 0, -1)"), 2],
        [lua("return redis.call('HMGET', 'h', 'a', 'b')[2] == false"), 1],
        [lua("redis.call('SET', 'empty', '') return redis.call('GET', 'empty')"), ""],
        [
          lua(
            "return redis.call('ECHO', 3) .. redis.call('ECHO', 0.5) .. redis.call('ECHO', 1700000000000 * 2)",
          ),
          "30.53400000000000",
        ],
        [lua("return redis.call('ZADD', 'z', 1.5, 'a') + tonumber(redis.call('ZSCORE', 'z', 'a')) * 2"), 4],
      ));

    it("count in floats, as Lua 5.1 does: nothing wraps at 32 bits", () =>
      expectReplies(
        server(),
        [lua("return 2147483647 + 1"), 2147483648],
        [
          lua('local n = 1e3 * 60 * 60 * 24 * 30 -- 1\nreturn {n, \'1\' .. [[2]], "\\"3", 0x10 + .5 + 1.5}'),
          [2592000000, "12", '"3', 18],
        ],
        [lua("return tonumber('2000000000') + tonumber('2000000000')"), 4000000000],
        [lua("return math.floor(65536.5) * math.floor(65536.5)"), 4294967296],
        [lua("return redis.call('INCRBY', 'n', 3000000000) + 1"), 3000000001],
        [
          lua("return 10 / 2 .. ' ' .. tostring(3.0) .. ' ' .. 7 / 2 .. ' ' .. 1700000000000"),
          "5 3 3.5 1700000000000",
        ],
        [lua("local sum = 0 for i = 1, 3 do sum = sum + i end return sum .. ''"), "6"],
        [lua("return unpack({7, 8}) + table.getn({1, 2})"), 9],
      ));

    it("fail with the message of Lua, of a command, or of their own", () =>
      expectReplies(
        server(),
        ["SET text x", "OK"],
        [
          lua("return nosuch.field"),
          startsWith("ERR user_script:1: Script attempted to access nonexistent global variable 'nosuch'"),
        ],
        [lua("redis.call = nil"), startsWith("ERR user_script:1: Attempt to modify a readonly table")],
        [lua("leak = 1"), startsWith("ERR user_script:1: Attempt to modify a readonly table")],
        [lua("return ("), startsWith("ERR Error compiling script (new function): user_script:1:")],
        [lua("\n error('boo')"), startsWith("ERR user_script:2: boo")],
        [
          lua("return redis.call('LPUSH', KEYS[1], 'x')", 1, "text"),
          startsWith("WRONGTYPE Operation against a key"),
        ],
        [lua("return redis.call('NOSUCH')"), startsWith("ERR Unknown Redis command called from script")],
        [
          lua("return redis.call('GET')"),
          startsWith("ERR Wrong number of args calling Redis command from script"),
        ],
        [
          lua("return redis.call('EVAL', 'return 1', 0)"),
          startsWith("ERR This Redis command is not allowed from script"),
        ],
        [
          lua("return redis.call()"),
          startsWith("ERR Please specify at least one argument for this redis lib call"),
        ],
        [
          lua("return redis.call('GET', {})"),
          startsWith("ERR Lua redis lib command arguments must be strings or integers"),
        ],
        [lua("return {err = 'MINE it failed'}"), error("MINE it failed")],
        [lua("return redis.error_reply('MINE it failed')"), error("MINE it failed")],
        [lua("return redis.pcall('LPUSH', KEYS[1], 'y').err:sub(1, 9)", 1, "text"), "WRONGTYPE"],
        [lua("local ok = pcall(redis.call, 'LPUSH', 'text', 'y') return tostring(ok)"), "false"],
        [lua("return 1", 2, "a"), error("ERR Number of keys can't be greater than number of args")],
        [lua("return 1", -1), error("ERR Number of keys can't be negative")],
      ));

    it("keep their writes when they fail, and the next script runs", () =>
      expectReplies(
        server(),
        [lua("redis.call('SET', 'k', 1) error('boo')"), startsWith("ERR user_script:1: boo")],
        [lua("return redis.call('INCR', 'k')"), 2],
      ));

    it("are kept under their SHA-1 until they are flushed", () =>
      expectReplies(
        server(),
        ["SCRIPT FLUSH", "OK"],
        [["SCRIPT", "LOAD", "return ARGV[1]"], "098e0f0d1448c0a81dafe820f66d460eb09263da"],
        ["EVALSHA 098e0f0d1448c0a81dafe820f66d460eb09263da 0 x", "x"],
        ["EVALSHA 098E0F0D1448C0A81DAFE820F66D460EB09263DA 0 y", "y"],
        [lua("return redis.sha1hex('return ARGV[1]')"), "098e0f0d1448c0a81dafe820f66d460eb09263da"],
        ["SCRIPT EXISTS 098e0f0d1448c0a81dafe820f66d460eb09263da none", [1, 0]],
        ["script flush sync", "OK"],
        [
          "EVALSHA 098e0f0d1448c0a81dafe820f66d460eb09263da 0 x",
          error("NOSCRIPT No matching script. Please use EVAL."),
        ],
        [lua("return ARGV[1]", 0, "x"), "x"],
        ["EVALSHA 098e0f0d1448c0a81dafe820f66d460eb09263da 0 x", "x"],
        ["SCRIPT BURN", error("ERR unknown subcommand 'BURN'. Try SCRIPT HELP.")],
        ["SCRIPT LOAD", error("ERR wrong number of arguments for 'script|load' command")],
        [["SCRIPT", "LOAD", "return ("], startsWith("ERR Error compiling script (new function)")],
      ));

    it("may have the flag of Upstash's rate limiter, and keep their SHA-1 with it", async () => {
      const script = "#!lua flags=allow-key-locking\nreturn redis.call('INCRBY', KEYS[1], ARGV[1])";
      const digest = createHash("sha1").update(script).digest("hex");
      await expectReplies(
        server(),
        ["SCRIPT FLUSH", "OK"],
        [lua(script, 1, "n", 2), 2],
        [["EVALSHA", digest, 1, "n", 3], 5],
        [["SCRIPT", "EXISTS", digest], [1]],
        [["SCRIPT", "LOAD", script], digest],
        [lua("#!lua flags=no-writes,allow-key-locking\nreturn redis.call('GET', KEYS[1])", 1, "n"), "5"],
      );
      const response = await server().request("/multi-exec", [["EVALSHA", digest, 1, "n", 1]]);
      expect(await response.json()).toEqual([{ result: 6 }]);
    });

    it("cannot write when they are read-only", () =>
      expectReplies(
        server(),
        ["SET k v", "OK"],
        [["EVAL_RO", "return redis.call('GET', KEYS[1])", 1, "k"], "v"],
        [
          ["EVAL_RO", "return redis.call('SET', KEYS[1], 'w')", 1, "k"],
          startsWith("ERR Write commands are not allowed from read-only scripts."),
        ],
        [
          lua("#!lua flags=no-writes\nreturn redis.call('DEL', 'k')"),
          startsWith("ERR Write commands are not allowed from read-only scripts."),
        ],
        [lua("#!lua\nreturn redis.call('GET', 'k')"), "v"],
        [lua("#!lua flags=nonsense\nreturn 1"), error("ERR Unexpected flag in script shebang: nonsense")],
        [lua("#!js\nreturn 1"), startsWith("ERR Unexpected engine in script shebang")],
      ));

    it("read and write JSON", () =>
      expectReplies(
        server(),
        [
          lua(`return cjson.encode({1, 2.5, 'é"/', true, cjson.null, {}, {a = {1}}})`),
          '[1,2.5,"é\\"\\/",true,null,{},{"a":[1]}]',
        ],
        [
          lua(
            `local o = cjson.decode(ARGV[1]) return {o.a, o.list[2], #o.list, o.none == cjson.null and 1 or 0}`,
            0,
            '{"a":"é","list":[1,2,3],"none":null}',
          ),
          ["é", 2, 3, 1],
        ],
        [lua("return cjson.decode('{')"), startsWith("ERR user_script:1: ")],
      ));

    it("count sliding windows", async () => {
      const keys = ["now", "before"];
      const redis = server().client();
      await redis.set("before", 10);
      const limit = () => redis.eval(SLIDING_WINDOW, keys, [8, 1_700_000_005_000, 10_000, 1]);
      expect([await limit(), await limit(), await limit(), await limit()]).toEqual([
        [2, 8],
        [1, 8],
        [0, 8],
        [-1, 8],
      ]);
      expect(await redis.pttl("now")).toBeGreaterThan(20_000);
    });

    it("release many locks in one call, and only those of their owner", async () => {
      const redis = server().client();
      const release = `
        local released = 0
        for _, key in ipairs(KEYS) do
          if redis.call('GET', key) == ARGV[1] then released = released + redis.call('DEL', key) end
        end
        return released
      `;
      const keys = Array.from({ length: 500 }, (_, index) => `lock:${index}`);
      await redis.mset(Object.fromEntries(keys.map((key, index) => [key, index % 5 === 0 ? "other" : "me"])));
      expect(await redis.eval(release, keys, ["me"])).toBe(400);
      expect(await redis.exists(...keys)).toBe(100);
    });
  });
}
