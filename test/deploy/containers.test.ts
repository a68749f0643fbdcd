import { readdir } from "node:fs/promises";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kafkaClassPath } from "../../gateway/testing/real/kafka-jars.ts";
import { findProgram } from "../../gateway/testing/real/programs.ts";
import type { FileContent } from "../../schema/wire/media.ts";
import { processesWith } from "../../scripts/system/processes.ts";
import { heard, twoFriends } from "../harness/people.ts";
import { upload } from "../harness/upload.ts";
import { Containers, type Differences } from "./containers.ts";

const PROGRAMS = ["java", "redis-server", "redis-cli", "pg_isready", "caddy", "wget", "bash"];
const missing = PROGRAMS.filter((name) => findProgram(name) === undefined);
if (kafkaClassPath() === undefined) missing.push("Kafka");
// Other systems have only one address of loopback.
const canRun = process.platform === "linux" && (missing.length === 0 || process.env.CI !== undefined);
if (!canRun) console.log(`The containers of compose.yaml are not run here, without ${missing.join(", ")}`);

/**
 * What the containers of `compose.yaml` run, as processes, with their environments, dependencies, health checks and ends.
 * MinIO is not among them, because no package registry has it: in its place is the S3 server of Miniflare.
 */
describe.runIf(canRun)("the containers of compose.yaml", () => {
  let containers: Containers;
  let s3: Miniflare;
  let url: string;
  let differences: Differences;
  beforeAll(async () => {
    containers = await Containers.open();
    s3 = startS3(containers);
    const { href } = await s3.ready;
    url = `http://${containers.address("caddy")}:8080`;
    differences = {
      without: ["minio", "minio-setup"],
      settings: { serve: { S3_ENDPOINT: `${href}cdn-cgi/local/r2/s3` } },
    };
    await containers.up(differences);
  });
  afterAll(async () => {
    await containers?.remove();
    await s3?.dispose();
  });

  it("let people write to each other and send files, and keep both over updates and restarts", async () => {
    const { ada, ben, conversation } = await twoFriends(url);
    const [adas, bens] = await Promise.all([ada.connectTo("one"), ben.connectTo("two")]);
    await adas.sendAccepted(conversation, "hello");
    await bens.sendAccepted(conversation, "hello, Ada");
    await Promise.all([adas, bens].map((socket) => socket.messages(conversation, 2)));
    const said = heard(bens, conversation);
    expect(said.map(({ content }) => content)).toMatchObject([{ text: "hello" }, { text: "hello, Ada" }]);
    const bytes = Buffer.from("what is uploaded");
    const { status, body: file } = await upload<FileContent>(ada, "/files?name=note", bytes);
    expect(status).toBe(201);

    // An update of serve: Caddy goes on.
    expect(await containers.down(["serve"])).toEqual({ serve: 0 });
    for (const socket of [adas, bens]) expect(await socket.closed).toMatchObject({ code: 1012 });
    await containers.up(differences);
    const updated = await ada.connectTo("one");
    await ben.post(conversation, "there again");
    await updated.messages(conversation, 1);
    said.push(...heard(updated, conversation));

    const ofServe = () => processesWith("DATA_DIR", containers.volume("serve"));
    expect(ofServe().length).toBeGreaterThan(1);
    // Kafka ends with Java's code for SIGTERM.
    const ends = { caddy: 0, serve: 0, gateway: 0, postgres: 0, redis: 0, kafka: 143 };
    expect(await containers.down()).toEqual(ends);
    expect(ofServe()).toEqual([]);
    // All three stores of the gateway are those of other containers.
    expect(await readdir(containers.volume("gateway"))).toEqual([]);
    await containers.up(differences);
    expect(await ada.history(conversation)).toEqual(said);
    expect(await (await fetch(url + file.url)).text()).toBe(bytes.toString());
    const again = await ben.connectTo("two");
    await ada.post(conversation, "still there?");
    await again.messages(conversation, 1);
    await again.close();
  }, 120_000);
});

function startS3(containers: Containers): Miniflare {
  const [id, accessKeyId, secretAccessKey] = [
    containers.setting("serve", "S3_BUCKET"),
    containers.setting("serve", "S3_ACCESS_KEY_ID"),
    containers.setting("serve", "S3_SECRET_ACCESS_KEY"),
  ];
  return new Miniflare(
    convertV4MiniflareOptions({
      ...{ port: 0, modules: true, script: "export default { fetch: () => new Response() }" },
      compatibilityDate: "2026-08-01",
      r2Buckets: { BUCKET: { id, s3Credentials: { accessKeyId, secretAccessKey } } },
    }),
  );
}
