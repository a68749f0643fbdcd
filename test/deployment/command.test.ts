import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { ROOT } from "../../scripts/system/project.ts";
import { CloudflareApi } from "./cloudflare-api.ts";

/** No shell, .env file or wrangler may read anything into these. */
const SECRETS = {
  JWT_SECRET: 'a $HOME of `tests` # and "more"',
  UPSTASH_KAFKA_REST_URL: "https://log.example.com/kafka",
  UPSTASH_KAFKA_REST_USERNAME: "edge",
  UPSTASH_KAFKA_REST_PASSWORD: "password-of-kafka",
  UPSTASH_REDIS_REST_URL: "https://redis.example.com",
  UPSTASH_REDIS_REST_TOKEN: "token-of-redis",
  // Nothing listens there.
  DATABASE_URL: "postgresql://edge:password-of-postgres@127.0.0.1:1/edge",
};
/** What nobody may read in the output. */
const NEVER_PRINTED = ["a $HOME of", "password-of-", "token-of-"];
const WORKERS = [
  "edge-im-connect: BUCKETS LOGIC",
  "edge-im-task: CONNECT DRAIN_QUEUE MEDIA SELF",
  "edge-im-task consumes edge-im-drain",
  "edge-im-logic: DRAIN_QUEUE TASK",
  "edge-im-api: ADDRESS_LIMIT CONNECT IMAGES LOGIC MEDIA TASK",
];

describe("npm run deploy, with wrangler on an API like Cloudflare's", { timeout: 180_000 }, () => {
  let folder = "";
  let secretsFile = "";
  let api: CloudflareApi | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "edge-im-deploy-test-"));
    secretsFile = join(folder, "secrets.json");
    await writeFile(secretsFile, JSON.stringify(SECRETS));
    api = await CloudflareApi.start();
  });

  afterAll(async () => {
    api?.close();
    await rm(folder, { recursive: true, force: true });
  });

  function cloudflare(): CloudflareApi {
    if (api === undefined) throw new Error("the API runs in tests only");
    return api;
  }

  /** Runs the command; its changes to the account begin anew. */
  async function deploy(...flags: string[]): Promise<{ exitCode: number | undefined; output: string }> {
    cloudflare().changes.length = 0;
    const { exitCode, all } = await execa(process.execPath, ["scripts/deploy.ts", ...flags], {
      cwd: ROOT,
      env: { ...cloudflare().environment, DATABASE_URL: undefined, NO_COLOR: "1" },
      stdin: "ignore",
      all: true,
      reject: false,
    });
    for (const secret of NEVER_PRINTED) expect(all).not.toContain(secret);
    return { exitCode, output: all };
  }

  it("names the secrets that are missing, by Worker, and changes nothing", async () => {
    const { exitCode, output } = await deploy("--skip-migrations");
    expect(exitCode).toBe(2);
    expect(output).toContain("\nJWT_SECRET is missing: connect and api need it.\n");
    expect(output).toContain("\nDATABASE_URL is missing: task, logic, and api need it.\n");
    expect(cloudflare().changes).toEqual([]);
  });

  it("changes nothing when the database cannot be migrated", async () => {
    const { exitCode } = await deploy("--secrets", secretsFile);
    expect(exitCode).not.toBe(0);
    expect(cloudflare().changes).toEqual([]);
  });

  it("deploys into an empty account: first what others are bound to, then everything, until it is healthy", async () => {
    const system = await deployedSystem([503, 503, 200]);
    const { exitCode, output } = await deploy(
      ...["--secrets", secretsFile, "--skip-migrations", "--url", system.url],
    );
    system.close();
    expect(output).toContain(`The system runs at ${system.url}`);
    expect(exitCode).toBe(0);
    expect(cloudflare().unknown).toEqual([]);
    expect(cloudflare().changes).toEqual([
      ...["queue edge-im-drain", "bucket edge-im-media"],
      ...["edge-im-connect: BUCKETS", "edge-im-task: MEDIA", "edge-im-logic:"],
      ...WORKERS,
    ]);
    expect(cloudflare().workers.get("edge-im-task")?.crons).toEqual(["* * * * *"]);
    expect(cloudflare().workers.get("edge-im-api")?.placement).toEqual({ mode: "smart" });
    expect(cloudflare().workers.get("edge-im-connect")?.placement).toBeUndefined();
  });

  it("has given each Worker the secrets that it names, as they are", () => {
    const secretsOf = (name: string) => cloudflare().workers.get(name)?.secrets;
    const { JWT_SECRET, DATABASE_URL: _, ...stores } = SECRETS;
    expect(secretsOf("edge-im-connect")).toEqual({
      JWT_SECRET,
      UPSTASH_REDIS_REST_URL: stores.UPSTASH_REDIS_REST_URL,
      UPSTASH_REDIS_REST_TOKEN: stores.UPSTASH_REDIS_REST_TOKEN,
    });
    expect(secretsOf("edge-im-logic")).not.toHaveProperty("JWT_SECRET");
    expect(secretsOf("edge-im-api")).toEqual(SECRETS);
  });

  it("deploys again without secrets, and says which layer is not healthy", async () => {
    const system = await deployedSystem([503]);
    const { exitCode, output } = await deploy("--skip-migrations", "--url", system.url, "--patience", "1");
    system.close();
    expect(cloudflare().changes).toEqual(WORKERS);
    expect(exitCode).toBe(1);
    expect(output).toContain("The system is deployed, but redis of it is not healthy");
  });
});

/** A system whose health has these statuses, one a request; the last one stays. */
async function deployedSystem(statuses: number[]): Promise<{ url: string; close: () => void }> {
  const left = [...statuses];
  const server = createServer((_, response) => {
    const status = left.length > 1 ? left.shift() : left[0];
    const ok = status === 200;
    response.writeHead(status ?? 500).end(JSON.stringify({ ok, redis: { ok }, task: { ok: true } }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}
