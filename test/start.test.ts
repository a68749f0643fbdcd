import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signalGroup } from "../scripts/system/process-group.ts";
import { ROOT } from "../scripts/system/project.ts";
import { Client } from "./harness/client.ts";
import { useSystem } from "./harness/use-system.ts";

describe("npm start", () => {
  const system = useSystem({ env: { CRON_SECONDS: "3" } });

  it("goes on where it stopped", async () => {
    const anna = await Client.register(system().url);
    const bert = await Client.register(system().url);
    const conversation = await anna.befriend(bert);
    await anna.post(conversation, "before");

    await system().stop();
    await system().start();

    const again = await anna.loginAgain();
    await expect.poll(() => again.history(conversation), { timeout: 20_000 }).toHaveLength(1);
  });

  it("ends with everything that it has started", async () => {
    const { start: _start, ...groups } = system().pids();
    expect(Object.keys(groups).toSorted()).toEqual(["gateway", "workers"]);
    const begun = Date.now();
    await system().stop();
    expect(Date.now() - begun).toBeLessThan(10_000);
    for (const group of Object.values(groups)) expect(signalGroup(group, 0)).toBe(false);
    await system().start();
  });

  it("ends what a killed start has left behind, and starts", async () => {
    const { start = 0, ...groups } = system().pids();
    process.kill(start, "SIGKILL");
    await sleep(100);
    for (const group of Object.values(groups)) expect(signalGroup(group, 0)).toBe(true);
    await system().start();
    for (const group of Object.values(groups)) expect(signalGroup(group, 0)).toBe(false);
  });

  it("starts a gateway and Workers that have died again", async () => {
    await system().killGateway();
    await system().killWorkers();
    await Client.register(system().url);
  });

  it("says who works on its data folder when another start does", async () => {
    const { code, said } = await startBriefly({ DATA_DIR: system().dataDir });
    expect(said).toBe(
      `The data folder ${system().dataDir} is in use by process ${system().pids().start}: ` +
        "end that one, or set DATA_DIR to another folder.\n",
    );
    expect(code).toBe(2);
  });
});

describe("npm start with what cannot be", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "edge-im-start-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("says that its port is taken, in a sentence", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const { code, said } = await startBriefly({ DATA_DIR: folder, PORT: String(port) });
    expect(said).toBe(
      `Port ${port} is taken by another program: end that one, or set PORT to another port.\n`,
    );
    expect(code).toBe(2);
    other.close();
  });

  it("names a bad setting", async () => {
    const { code, said } = await startBriefly({ DATA_DIR: folder, BUCKETS_PER_SERVER: "none" });
    expect(said).toBe("BUCKETS_PER_SERVER must be a whole number\n");
    expect(code).toBe(2);
  });
});

/** Starts what ends by itself; answers how, and what it has said. */
async function startBriefly(env: Record<string, string>): Promise<{ code: number; said: string }> {
  const child = spawn(process.execPath, [join(ROOT, "scripts/start.ts")], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (text) => {
    said += String(text);
  });
  const [code] = await once(child, "close");
  return { code, said };
}
