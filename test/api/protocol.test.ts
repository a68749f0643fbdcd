import { describe, expect, it } from "vitest";
import { z } from "zod";
import { Health } from "../../schema/wire/health.ts";
import type { ConnectResponse } from "../../schema/wire/socket.ts";
import { Client, request } from "../harness/client.ts";
import { useSystem } from "../harness/use-system.ts";
import { expectProblem } from "./problem.ts";

const system = useSystem({ env: { PASSWORD_COST: "1024" } });
const ask = (
  ...[method, path, options]: Parameters<typeof request> extends [string, ...infer Rest] ? Rest : never
) => request(system().url, method, path, options);
/** Sends a request with this text as its body. */
async function send(method: string, path: string, body: string, headers: Record<string, string>) {
  const response = await fetch(`${system().url}/api/v1${path}`, { method, body, headers });
  return { status: response.status, headers: response.headers, body: await response.json() };
}
const json = { "content-type": "application/json" };

const Description = z.looseObject({
  openapi: z.string(),
  paths: z.record(
    z.string(),
    z.record(z.string(), z.looseObject({ responses: z.record(z.string(), z.unknown()) })),
  ),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
});
const description = async () => Description.parse((await ask("GET", "/openapi.json")).body);

describe("the OpenAPI document", () => {
  it("is OpenAPI 3.1 and describes every route", async () => {
    const { openapi, paths } = await description();
    expect(openapi).toMatch(/^3\.1\./);
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace("/api/v1", "")}`),
    );
    expect(routes.sort()).toMatchSnapshot();
  });

  it("contains every schema that it refers to", async () => {
    const found = await description();
    const references = JSON.stringify(found).matchAll(/"#\/components\/schemas\/(\w+)"/g);
    expect(Object.keys(found.components.schemas)).toEqual(
      expect.arrayContaining([...new Set([...references].map(([, name]) => name))]),
    );
  });

  it("marks the routes that require a token, and they do", async () => {
    const { paths } = await description();
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, { security }] of Object.entries(methods)) {
        if (!Array.isArray(security) || security.length === 0) continue;
        const url = `${system().url}${path.replaceAll(/\{\w+\}/g, "1")}`;
        const response = await fetch(url, { method: method.toUpperCase() });
        expect([path, method, response.status]).toEqual([path, method, 401]);
        expect(response.headers.get("content-type")).toBe("application/problem+json");
        await response.arrayBuffer();
      }
    }
  });
});

describe("health", () => {
  it("reports every layer", async () => {
    const { status, body } = await ask("GET", "/health");
    expect(status).toBe(200);
    const { ok, ...layers } = Health.parse(body);
    expect(ok).toBe(true);
    expect(Object.values(layers).every((layer) => layer.ok)).toBe(true);
  });

  it("reports the layer that does not respond", async () => {
    system().pauseGateway();
    try {
      const { status, body } = await ask("GET", "/health");
      expect(status).toBe(503);
      expect(body).toMatchObject({ ok: false, api: { ok: true }, log: { ok: false }, redis: { ok: false } });
    } finally {
      system().resumeGateway();
    }
  });
});

describe("a bad request gets a problem", () => {
  it("for an unknown path", async () => {
    for (const path of ["/nothing", "/users/1/nothing", "/"])
      expectProblem(await ask("GET", path), "not_found");
    const outside = await fetch(`${system().url}/api/nothing`);
    expect(outside.headers.get("content-type")).toBe("application/problem+json");
  });

  it("for a method that the path does not have", async () => {
    const response = await ask("PUT", "/users/me");
    expectProblem(response, "method_not_allowed");
    expect(response.headers.get("allow")?.split(", ").sort()).toEqual(["DELETE", "GET", "HEAD", "PATCH"]);
  });

  it("without a valid token", async () => {
    expectProblem(await ask("GET", "/users/me"), "unauthenticated");
    expectProblem(await ask("GET", "/users/me", { token: "nonsense" }), "unauthenticated");
    const { session } = await Client.register(system().url);
    expectProblem(await ask("GET", "/users/me", { token: `${session.accessToken}x` }), "unauthenticated");
    expectProblem(await ask("GET", "/users/me", { token: session.refreshToken }), "unauthenticated");
  });

  it("for a body that is not JSON, too large, or of another type", async () => {
    expectProblem(await send("POST", "/auth/login", "{", json), "invalid_json");
    expectProblem(await send("POST", "/auth/login", "[]", json), "invalid_request");
    expectProblem(await send("POST", "/auth/login", "", json), "invalid_json");
    expectProblem(
      await send("POST", "/auth/login", "a=b", { "content-type": "text/plain" }),
      "unsupported_media_type",
    );
    const large = JSON.stringify({ username: "x".repeat(70_000), password: "y" });
    expectProblem(await send("POST", "/auth/login", large, json), "payload_too_large");
    const charset = { "content-type": "application/json; charset=utf-8" };
    expectProblem(
      await send("POST", "/auth/login", '{"username":"nobody","password":"x"}', charset),
      "bad_credentials",
    );
  });

  it("without internal details", async () => {
    const response = await ask("POST", "/auth/login", { body: { username: "'; --", password: "x" } });
    expect(JSON.stringify(response.body)).not.toMatch(/select|postgres|127\.0\.0\.1|\.ts/i);
  });
});

describe("a ticket", () => {
  it("contains the URL of the socket", async () => {
    const client = await Client.register(system().url);
    const { status, body } = await client.ask<ConnectResponse>("POST", "/connect");
    expect(status).toBe(201);
    expect(body).toEqual({
      url: `${system().url.replace("http", "ws")}/socket/${body.serverId}/${body.bucket}`,
      ticket: expect.stringMatching(/^[\w-]{43}$/),
      serverId: "local",
      bucket: expect.any(Number),
      expiresAt: expect.any(String),
    });
    const life = Date.parse(body.expiresAt) - Date.now();
    expect(life).toBeGreaterThan(20_000);
    expect(life).toBeLessThanOrEqual(30_000);
    const again = await client.do<ConnectResponse>("POST", "/connect");
    expect(again).toMatchObject({ url: body.url, bucket: body.bucket });
    expect(again.ticket).not.toBe(body.ticket);
  });
});
