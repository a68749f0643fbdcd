import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import type { FileContent } from "../../schema/wire/media.ts";
import { Client } from "../harness/client.ts";
import { upload } from "../harness/upload.ts";
import { useSystem } from "../harness/use-system.ts";

const system = useSystem({ env: { PASSWORD_COST: "1024", CRON_SECONDS: "86400" } });

const stored = () => system().storedObjects();

it("uploads outlast a restart, and those that nothing uses are removed after a day", async () => {
  const client = await Client.register(system().url);
  const bytes = randomBytes(100_000);
  const { body: content } = await upload<FileContent>(client, "/files?name=x", bytes);
  await system().stop();
  await system().start();
  const served = Buffer.from(await (await fetch(system().url + content.url)).arrayBuffer());
  expect(Buffer.compare(served, bytes)).toBe(0);
  expect(await stored()).toBe(1);

  const { $client: sql } = await system().database();
  await sql.query("UPDATE media SET kept_until = now() - interval '30 minutes'");
  await system().cron();
  expect(await stored()).toBe(1);
  const late = await fetch(system().url + content.url);
  expect([late.status, (await late.text()).includes("media_not_found")]).toEqual([404, true]);
  await sql.query("UPDATE media SET kept_until = now() - interval '2 hours'");
  await system().cron();
  await expect.poll(stored).toBe(0);
  expect(await sql.query("SELECT 1 FROM media")).toEqual([]);
});
