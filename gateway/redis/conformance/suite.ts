import { afterAll, beforeAll, beforeEach, describe } from "vitest";
import { type RedisServer, serveRedis } from "../../testing/redis-server.ts";
import type { RedisEngine } from "../engine.ts";
import { clientConformance } from "./client.ts";
import { collectionConformance } from "./collections.ts";
import { keyConformance } from "./keys.ts";
import { scriptConformance } from "./scripts.ts";
import { sortedSetConformance } from "./sorted-sets.ts";
import { stringConformance } from "./strings.ts";

/** The tests that every Redis engine must pass, run through the gateway's HTTP protocol. They delete the engine's data. */
export function redisConformance(name: string, open: () => Promise<RedisEngine>): void {
  describe(`Redis on the ${name} engine`, () => {
    let server: RedisServer;

    beforeAll(async () => {
      server = await serveRedis(await open());
    });
    afterAll(() => server.close());
    beforeEach(() => server.client().flushall());

    for (const conformance of [
      stringConformance,
      keyConformance,
      collectionConformance,
      sortedSetConformance,
      scriptConformance,
      clientConformance,
    ]) {
      conformance(() => server);
    }
  });
}
