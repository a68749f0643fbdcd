import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { FileContent } from "../../schema/wire/media.ts";
import { Client } from "../harness/client.ts";
import { type System, startSystem } from "../harness/system.ts";
import { upload } from "../harness/upload.ts";

const CREDENTIALS = { accessKeyId: "test-key", secretAccessKey: "test-secret" };

let folder = "";
/** An S3 server: the one with which Miniflare serves its R2 buckets. It verifies signatures. */
let server: Miniflare;
let system: System;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "edge-im-s3-"));
  server = new Miniflare(
    convertV4MiniflareOptions({
      ...{ port: 0, modules: true, script: "export default { fetch: () => new Response() }" },
      ...{ compatibilityDate: "2026-08-01", resourcePersistencePath: folder },
      r2Buckets: { BUCKET: { id: "media", s3Credentials: CREDENTIALS } },
    }),
  );
  const { href } = await server.ready;
  system = await startSystem({
    program: "serve",
    env: {
      ...{ PASSWORD_COST: "1024", S3_ENDPOINT: `${href}cdn-cgi/local/r2/s3`, S3_BUCKET: "media" },
      ...{ S3_ACCESS_KEY_ID: CREDENTIALS.accessKeyId, S3_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey },
    },
  });
});
afterAll(async () => {
  await system?.remove();
  await server?.dispose();
  await rm(folder, { recursive: true, force: true });
});

async function stored(): Promise<number> {
  const bucket = await server.getR2Bucket("BUCKET");
  return (await bucket.list()).objects.length;
}

it("keeps uploads on an S3-compatible server, with and without a known length, until nothing uses them", async () => {
  const client = await Client.register(system.url);
  const bytes = randomBytes(6 * 1024 * 1024);
  const chunks = ReadableStream.from([bytes.subarray(0, 1_000_000), bytes.subarray(1_000_000)]);
  const uploads = [
    await upload<FileContent>(client, "/files?name=whole", bytes),
    await upload<FileContent>(client, "/files?name=parts", chunks),
  ];
  expect(await stored()).toBe(2);
  for (const { status, body } of uploads) {
    expect(status).toBe(201);
    const whole = await fetch(system.url + body.url);
    expect(Buffer.compare(Buffer.from(await whole.arrayBuffer()), bytes)).toBe(0);
    const range = { Range: "bytes=5242870-5242890" };
    const part = await fetch(system.url + body.url, { headers: range });
    expect(part.status).toBe(206);
    expect(Buffer.compare(Buffer.from(await part.arrayBuffer()), bytes.subarray(5242870, 5242891))).toBe(0);
  }

  const { $client: sql } = await system.database();
  await sql.query("UPDATE media SET kept_until = now() - interval '2 hours'");
  await system.cron();
  expect(await stored()).toBe(0);
});
