import { describe, expect, it } from "vitest";
import { LAYERS } from "./project.ts";
import { developmentConfig, readWorkerConfig } from "./worker-configs.ts";

const config = {
  name: "edge-im-api",
  main: "main.ts",
  assets: { directory: "../dist/web", binding: "ASSETS" },
  services: [{ binding: "LOGIC", service: "edge-im-logic" }],
  vars: { PUSH_RATE: "500", PUSH_BURST: "1000" },
  secrets: { required: ["JWT_SECRET"] },
  define: { __FAULTS__: "false" },
  ratelimits: [{ name: "ADDRESS_LIMIT", namespace_id: "1", simple: { limit: 3_000, period: 60 } }],
};

describe("a development configuration", () => {
  const values = { PUSH_RATE: "7", JWT_SECRET: "secret", DATABASE_URL: "postgresql://x", LOG_LEVEL: "warn" };
  const made = developmentConfig(config, "/project/workers", { values, faults: true });

  it("holds values only for the variables and secrets that the Worker names", () => {
    expect(made.vars).toEqual({
      PUSH_RATE: "7",
      PUSH_BURST: "1000",
      JWT_SECRET: "secret",
      LOG_LEVEL: "warn",
    });
    expect(made).not.toHaveProperty("secrets");
  });

  it("has absolute paths of the sources and assets", () => {
    expect(made).toMatchObject({
      main: "/project/workers/main.ts",
      assets: { directory: "/project/dist/web", binding: "ASSETS" },
    });
  });

  it("has fault points only when they are requested", () => {
    expect(made.define).toEqual({ __FAULTS__: "true" });
    expect(developmentConfig(config, "/", { values: {}, faults: false }).define).toEqual({
      __FAULTS__: "false",
    });
  });

  it("does without Cloudflare's image service", () => {
    const withImages = { ...config, images: { binding: "IMAGES" } };
    expect(developmentConfig(withImages, "/", { values: {}, faults: false })).not.toHaveProperty("images");
  });

  it("has a limit of the platform only when it is set", () => {
    expect(made.ratelimits).toEqual([]);
    const { ratelimits } = developmentConfig(config, "/", { values: { ADDRESS_LIMIT: "7" }, faults: false });
    expect(ratelimits).toEqual([
      { name: "ADDRESS_LIMIT", namespace_id: "1", simple: { limit: 7, period: 60 } },
    ]);
  });

  it("leaves the rest as it is", () => {
    expect(made).toMatchObject({ name: config.name, services: config.services });
  });

  it("gets the gateway's endpoint for Neon's protocol when it names a database", () => {
    const named = { ...config, secrets: { required: ["DATABASE_URL"] } };
    const local = { ...values, NEON_HTTP_URL: "http://gateway/sql" };
    const { vars } = developmentConfig(named, "/", { values: local, faults: false });
    expect(vars).toMatchObject({ DATABASE_URL: "postgresql://x", NEON_HTTP_URL: "http://gateway/sql" });
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
