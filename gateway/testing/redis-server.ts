import { once } from "node:events";
import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Redis } from "@upstash/redis";
import { Hono } from "hono";
import { Access } from "../access/access.ts";
import { newCounters } from "../metrics/counters.ts";
import type { RedisEngine } from "../redis/engine.ts";
import { redisProtocol } from "../redis/protocol.ts";
import { CREDENTIALS, testConfig } from "./test-gateway.ts";

/** The Redis protocol on one engine, served as the gateway serves it. */
export interface RedisServer {
  /** The published client, connected to it. */
  client(options?: { token?: string; responseEncoding?: false; automaticDeserialization?: boolean }): Redis;
  /** A request without the client. A string body is sent unchanged, any other as JSON. */
  request(path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  close(): Promise<void>;
}

/** Serves an engine on a free port; closing it closes the engine. */
export async function serveRedis(engine: RedisEngine): Promise<RedisServer> {
  const { clients, limits } = testConfig();
  const gate = new Access(clients).gate("redis");
  const app = new Hono();
  app.route("/redis", redisProtocol({ engine, gate, limits, counters: newCounters() }));
  const server = createServer(getRequestListener(app.fetch)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server listens on no port");
  const url = `http://127.0.0.1:${address.port}/redis`;

  return {
    client: (options = {}) =>
      new Redis({ url, token: CREDENTIALS.redis, enableTelemetry: false, ...options }),
    request: (path, body, headers = {}) =>
      fetch(`${url}${path}`, {
        method: body === undefined ? "GET" : "POST",
        headers: { authorization: `Bearer ${CREDENTIALS.redis}`, ...headers },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      }),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await engine.close();
    },
  };
}
