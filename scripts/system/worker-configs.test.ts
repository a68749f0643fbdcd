import { describe, expect, it } from "vitest";
import { LAYERS } from "./project.ts";
import { readWorkerConfig, variablesOf } from "./worker-configs.ts";

const config = {
  vars: { PUSH_RATE: "500", PUSH_BURST: "1000" },
  secrets: { required: ["JWT_SECRET"] },
};

describe("the variables of a Worker", () => {
  const values = { PUSH_RATE: "7", JWT_SECRET: "secret", DATABASE_URL: "postgresql://x", LOG_LEVEL: "warn" };

  it("are those that it names, with their values or as they are checked in", () => {
    expect(variablesOf(config, values)).toEqual({
      PUSH_RATE: "7",
      PUSH_BURST: "1000",
      JWT_SECRET: "secret",
      LOG_LEVEL: "warn",
    });
  });

  it("have the gateway's endpoint for Neon's protocol when it names a database", () => {
    const named = { ...config, secrets: { required: ["DATABASE_URL"] } };
    const local = { ...values, NEON_HTTP_URL: "http://gateway/sql" };
    expect(variablesOf(named, local)).toMatchObject({
      DATABASE_URL: "postgresql://x",
      NEON_HTTP_URL: "http://gateway/sql",
    });
  });
});

describe("the checked-in configurations", () => {
  it("agree on the connect servers and their buckets", async () => {
    const configs = await Promise.all(LAYERS.map(readWorkerConfig));
    const shared = configs.filter(({ vars }) => vars.CONNECT_SERVERS !== undefined);
    expect(new Set(shared.map(({ vars }) => `${vars.CONNECT_SERVERS}/${vars.BUCKETS_PER_SERVER}`)).size).toBe(
      1,
    );
  });
});
