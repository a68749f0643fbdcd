import { errors } from "@upstash/redis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type RedisServer, serveRedis } from "../testing/redis-server.ts";
import { MemoryRedis } from "./memory-engine.ts";

/** The parts of the Redis protocol that do not depend on the engine. */
describe("the Redis protocol", () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await serveRedis(new MemoryRedis());
  });
  afterAll(() => server.close());
  beforeEach(() => server.client().flushall());

  const json = async (response: Promise<Response>) => (await response).json();

  it("encodes every string of a reply, also in lists, and no other value", async () => {
    await server.request("/pipeline", [
      ["SET", "a", "é"],
      ["RPUSH", "l", "x", "y"],
    ]);
    const commands = [
      ["GET", "a"],
      ["LRANGE", "l", 0, -1],
      ["LLEN", "l"],
      ["GET", "-"],
    ];
    expect(await json(server.request("/pipeline", commands, { "upstash-encoding": "base64" }))).toEqual([
      { result: btoa("\u00c3\u00a9") },
      { result: [btoa("x"), btoa("y")] },
      { result: 2 },
      { result: null },
    ]);
  });

  it("reads a command from the path", async () => {
    expect(await json(server.request("/set/a%2Fb/%C3%A9?EX=100"))).toEqual({ result: "OK" });
    expect(await json(server.request("/get/a%2Fb"))).toEqual({ result: "é" });
    expect(await json(server.request("/ttl/a%2Fb"))).toEqual({ result: 100 });
    expect(await json(server.request("/set/from-body", "the bödy"))).toEqual({ result: "OK" });
    expect(await json(server.request("/get/from-body"))).toEqual({ result: "the bödy" });
  });

  it("refuses a wrong token so that the client throws", async () => {
    const failure = server.client({ token: "a-wrong-token" }).get("k");
    await expect(failure).rejects.toThrow(errors.UpstashError);
    await expect(failure).rejects.toThrow(/WRONGPASS/);
  });

  it.each([
    ["a body that is not JSON", "", "[", 400],
    ["a command that is not a list", "", '"PING"', 400],
    ["an empty command", "", "[]", 400],
    ["a null argument", "", '["SET","k",null]', 400],
    ["an unknown command", "", '["NOSÜCH"]', 400],
    ["too few arguments", "", '["GET"]', 400],
    ["an empty pipeline", "/pipeline", "[]", 400],
    ["a body over the limit", "", `["SET","k","${"x".repeat(17 * 1024 * 1024)}"]`, 413],
  ])("replies to %s with an error", async (_, path, body, status) => {
    const response = await server.request(path, body);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ error: expect.any(String) });
  });
});
