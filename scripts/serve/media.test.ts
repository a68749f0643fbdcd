import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type {
  BucketCall,
  BucketResult,
  CallCondition,
  CallRange,
} from "../../workers/serve/media/bucket-call.fixture.ts";
import { Child } from "../system/child.ts";
import { freePort } from "../system/ports.ts";
import { ROOT } from "../system/project.ts";
import { isHealthy, until } from "../system/until.ts";
import { bundleWorkers } from "../system/worker-bundles.ts";
import { workerdConfig } from "./capnp.ts";
import { mediaServices, type S3 } from "./media-services.ts";
import { MEDIA_SERVICE } from "./platform-config.ts";
import { diskService, workerService } from "./services.ts";

const LAYER = { compatibility: { compatibilityDate: "2026-08-01", compatibilityFlags: ["nodejs_compat"] } };
const MIB = 1024 * 1024;
const CREDENTIALS = { accessKeyId: "test-key", secretAccessKey: "test-secret" };

describe.each(["disk", "S3"] as const)("the R2 binding on %s", (kind) => {
  let folder = "";
  let port = 0;
  let runtime: Child | undefined;
  let server: Miniflare | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "edge-im-media-"));
    port = await freePort();
    if (kind === "S3") server = new Miniflare(s3Server(join(folder, "s3")));
    const s3 = server === undefined ? null : await s3Of(server);
    runtime = await runBucket(folder, port, s3);
  });
  afterAll(async () => {
    await runtime?.stop(1_000);
    await server?.dispose();
    await rm(folder, { recursive: true });
  });

  const call = async (what: BucketCall): Promise<BucketResult> => {
    const response = await fetch(`http://127.0.0.1:${port}`, { method: "POST", body: JSON.stringify(what) });
    return (await response.json()) as BucketResult;
  };

  it("returns what was stored, with its metadata", async () => {
    const options = { httpMetadata: { contentType: "image/png" }, customMetadata: { by: "Ada Ä" } };
    const { object: stored } = await call({ op: "put", key: "whole", size: 300_000, options });
    expect(stored).toMatchObject({ key: "whole", size: 300_000 });
    const { object, body } = await call({ op: "get", key: "whole" });
    expect(body).toEqual({ size: 300_000, first: 0 });
    expect(object).toMatchObject({ etag: stored?.etag, contentType: "image/png", custom: { by: "Ada Ä" } });
    expect(Math.abs((object?.uploaded ?? 0) - Date.now())).toBeLessThan(60_000);
    expect((await call({ op: "head", key: "whole" })).object).toMatchObject({
      size: 300_000,
      etag: stored?.etag,
    });
  });

  it("returns ranges", async () => {
    await call({ op: "put", key: "ranges", size: 1_000 });
    const get = (range: CallRange) => call({ op: "get", key: "ranges", options: { range } });
    expect((await get({ offset: 252, length: 10 })).body).toEqual({ size: 10, first: 1 });
    expect((await get({ offset: 990, length: 100 })).body).toEqual({ size: 10, first: 990 % 251 });
    expect((await get({ suffix: 5 })).body).toEqual({ size: 5, first: 995 % 251 });
    expect((await get({ offset: 252, length: 10 })).object).toMatchObject({
      size: 1_000,
      range: { offset: 252, length: 10 },
    });
    expect((await get({ offset: 1_000, length: 1 })).error).toMatch(/10039|satisfiable/);
  });

  it("returns null for what is not there, and stores nothing of a body that is empty", async () => {
    expect(await call({ op: "get", key: "nothing" })).toEqual({ object: null, body: null });
    expect(await call({ op: "head", key: "nothing" })).toEqual({ object: null });
    await call({ op: "put", key: "empty", size: 0 });
    expect(await call({ op: "get", key: "empty" })).toMatchObject({ object: { size: 0 }, body: { size: 0 } });
  });

  it("replaces and deletes", async () => {
    await call({ op: "put", key: "changed", size: 10 });
    await call({ op: "put", key: "changed", size: 20 });
    expect(await call({ op: "get", key: "changed" })).toMatchObject({ body: { size: 20 } });
    expect(await call({ op: "delete", keys: ["changed", "never & <there>"] })).toEqual({});
    expect(await call({ op: "head", key: "changed" })).toEqual({ object: null });
  });

  it("reads and writes under conditions", async () => {
    const { object } = await call({ op: "put", key: "conditional", size: 7 });
    const etag = object?.etag ?? "";
    const get = (onlyIf: CallCondition) => call({ op: "get", key: "conditional", options: { onlyIf } });
    expect((await get({ etagMatches: etag })).body).toMatchObject({ size: 7 });
    expect(await get({ etagDoesNotMatch: etag })).toMatchObject({ object: { size: 7 }, body: null });
    expect(await get({ etagMatches: "other" })).toMatchObject({ object: { etag }, body: null });
    const put = (onlyIf: CallCondition) =>
      call({ op: "put", key: "conditional", size: 8, options: { onlyIf } });
    expect(await put({ etagMatches: "other" })).toEqual({ object: null });
    expect(await put({ etagMatches: etag })).toMatchObject({ object: { size: 8 } });
    expect((await get({ etagMatches: etag })).body).toBeNull();
  });

  it("lists in pages, by prefix and by folder", async () => {
    for (const key of ["list/a", "list/b/1", "list/b/2", "list/c", "other"])
      await call({ op: "put", key, size: 1 });
    const first = await call({ op: "list", options: { prefix: "list/", limit: 3 } });
    expect(first.keys).toEqual(["list/a", "list/b/1", "list/b/2"]);
    const second = await call({
      op: "list",
      options: { prefix: "list/", limit: 3, cursor: first.cursor ?? "" },
    });
    expect(second).toMatchObject({ keys: ["list/c"], cursor: null });
    expect(await call({ op: "list", options: { prefix: "list/", delimiter: "/" } })).toMatchObject({
      ...{ keys: ["list/a", "list/c"], prefixes: ["list/b/"], cursor: null },
    });
    expect(await call({ op: "list", options: { prefix: "list/", startAfter: "list/b/1" } })).toMatchObject({
      keys: ["list/b/2", "list/c"],
    });
  });

  it("stores uploads in parts", async () => {
    const upload = { op: "upload", key: "parts", sizes: [5 * MIB, 5 * MIB, 1_000] } as const;
    const { object } = await call({ ...upload, sizes: [...upload.sizes], end: "complete" });
    expect(object).toMatchObject({ size: 10 * MIB + 1_000 });
    expect(await call({ op: "get", key: "parts" })).toMatchObject({
      ...{ body: { size: 10 * MIB + 1_000, first: 0 }, object: { custom: { by: "parts" } } },
    });
    const range = { offset: 5 * MIB - 10, length: 5 * MIB + 20 };
    const { body } = await call({ op: "get", key: "parts", options: { range } });
    expect(body).toEqual({ size: 5 * MIB + 20, first: (5 * MIB - 10) % 251 });
  });

  it("keeps nothing of an upload in parts that is aborted or wrong", async () => {
    expect(await call({ op: "upload", key: "aborted", sizes: [1_000], end: "abort" })).toEqual({});
    expect(await call({ op: "head", key: "aborted" })).toEqual({ object: null });
    expect((await call({ op: "upload", key: "wrong", sizes: [1_000], end: "wrong-part" })).error).toMatch(
      /10025|part/,
    );
    expect(await call({ op: "head", key: "wrong" })).toEqual({ object: null });
  });

  it("refuses checksums, which it would not compare", async () => {
    const options = { md5: "0123456789abcdef0123456789abcdef" };
    expect((await call({ op: "put", key: "checked", size: 3, options })).error).toMatch(/10029|not valid/);
  });
});

/** Runs workerd with the bucket and the Worker that calls it. */
async function runBucket(folder: string, port: number, s3: S3 | null): Promise<Child> {
  const main = (file: string) => ({ main: join(ROOT, "workers/serve/media", file), define: {} });
  const bundles = await bundleWorkers({ media: main("main.ts"), caller: main("bucket-caller.fixture.ts") });
  for (const part of ["files", "objects"]) await mkdir(join(folder, part));
  const config = workerdConfig({
    services: [
      workerService("caller", {
        ...{ code: bundles.caller, layer: LAYER, outbound: "objects" },
        bindings: [{ name: "BUCKET", r2Bucket: MEDIA_SERVICE }],
      }),
      ...mediaServices({
        ...{ code: bundles.media, layer: LAYER, disk: "objects", folder: join(folder, "files"), s3 },
      }),
      diskService("objects", join(folder, "objects"), { writable: true }),
    ],
    sockets: [{ name: "test", address: `127.0.0.1:${port}`, http: {}, service: "caller" }],
  });
  const file = join(folder, "config.capnp");
  await writeFile(file, config);
  const args = [join(ROOT, "scripts/serve/run-workerd.ts"), file];
  const child = new Child({ name: "bucket", args, env: {}, onLine: (line) => console.log(line) });
  await until(() => isHealthy(`http://127.0.0.1:${port}`), AbortSignal.timeout(20_000));
  return child;
}

/** An S3 server: the one with which Miniflare serves its R2 buckets. It verifies signatures. */
function s3Server(folder: string) {
  return convertV4MiniflareOptions({
    ...{ port: 0, modules: true, script: "export default { fetch: () => new Response() }" },
    compatibilityDate: "2026-08-01",
    resourcePersistencePath: folder,
    r2Buckets: { BUCKET: { id: "media", s3Credentials: CREDENTIALS } },
  });
}

async function s3Of(server: Miniflare): Promise<S3> {
  const { href } = await server.ready;
  return { endpoint: `${href}cdn-cgi/local/r2/s3`, bucket: "media", region: "auto", ...CREDENTIALS };
}
