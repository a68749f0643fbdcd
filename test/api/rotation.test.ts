import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { SignedIn } from "../../schema/wire/account.ts";
import { Client, request } from "../harness/client.ts";
import { useSystem } from "../harness/use-system.ts";
import { expectProblem } from "./problem.ts";

const system = useSystem({ env: { PASSWORD_COST: "1024" } });

it("tokens of the previous secret stay valid, until it is removed", async () => {
  const client = await Client.register(system().url);
  const secrets = join(system().dataDir, "secrets.json");
  const { JWT_SECRET, ...others } = JSON.parse(await readFile(secrets, "utf8"));
  const change = async (rotated: object) => {
    await system().kill();
    await writeFile(secrets, JSON.stringify({ ...others, ...rotated }));
    await system().start();
  };
  const next = "n".repeat(43);
  await change({ JWT_SECRET: next, JWT_SECRET_PREVIOUS: JWT_SECRET });

  expect((await client.ask("GET", "/users/me")).status).toBe(200);
  const socket = await client.connectTo("local");
  await socket.close();
  const { refreshToken, accessToken } = client.session;
  const renewed = await request<SignedIn>(system().url, "POST", "/auth/refresh", { body: { refreshToken } });
  expect(renewed.status).toBe(200);

  await change({ JWT_SECRET: next });
  expectProblem(await request(system().url, "GET", "/users/me", { token: accessToken }), "unauthenticated");
  const { body } = renewed;
  expect((await request(system().url, "GET", "/users/me", { token: body.accessToken })).status).toBe(200);
}, 180_000);
