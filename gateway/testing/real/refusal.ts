import { rm } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { createServer, type Server } from "node:net";
import { expect } from "vitest";
import { endOf, spawnGateway } from "../gateway-process.ts";
import { newDataDir } from "../test-gateway.ts";
import { freePort } from "./free-port.ts";

/** Within this, a gateway that cannot start must have said so and ended. */
const END_MS = 10_000;
/** The password in every URL of these tests. */
export const PASSWORD = "never-to-be-shown";

/** Expects that a gateway with these settings ends, with this sentence and nothing else. */
export async function expectRefusal(
  settings: Readonly<Record<string, string>>,
  sentence: RegExp,
): Promise<void> {
  const dataDir = await newDataDir();
  const begun = performance.now();
  const { code, said } = await endOf(spawnGateway({ DATA_DIR: dataDir, ...settings }));
  await rm(dataDir, { recursive: true });
  expect(said).toMatch(sentence);
  expect(said.split("\n")).toHaveLength(1);
  expect(said).not.toContain(PASSWORD);
  expect(code).toBe(1);
  expect(performance.now() - begun).toBeLessThan(END_MS);
}

/** The sentence of a setting that cannot be used for a reason. */
export function unusable(setting: string, reason: RegExp): RegExp {
  return new RegExp(`^${setting} cannot be used: .*${reason.source}`);
}

/** Ports of servers that are no store. */
export interface WrongPorts {
  /** Nothing listens. */
  readonly none: number;
  /** Nothing ever replies. */
  readonly silent: number;
  readonly web: number;
  close(): void;
}

/** Starts the wrong servers. */
export async function startWrongServers(): Promise<WrongPorts> {
  const silent = createServer();
  const web = createHttpServer((_, response) => response.end());
  return {
    none: await freePort(),
    silent: await listening(silent),
    web: await listening(web),
    close: () => {
      silent.close();
      web.closeAllConnections();
      web.close();
    },
  };
}

/** Listens on a free port of loopback; returns the port. */
export function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address === "object" && address !== null) resolve(address.port);
    });
  });
}
