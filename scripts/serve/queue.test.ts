import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Behaviour, Delivered } from "../../workers/serve/queue-call.fixture.ts";
import { Child } from "../system/child.ts";
import { freePort } from "../system/ports.ts";
import { groupEnded } from "../system/process-group.ts";
import { ROOT } from "../system/project.ts";
import { isHealthy, until } from "../system/until.ts";
import { bundleWorkers } from "../system/worker-bundles.ts";
import { workerdConfig } from "./capnp.ts";
import { queueWorker } from "./queue-service.ts";
import { diskService, workerService } from "./services.ts";

const FLAGS = ["nodejs_compat", "service_binding_extra_handlers"];
const LAYER = { compatibility: { compatibilityDate: "2026-08-01", compatibilityFlags: FLAGS } };
const CONSUMER = { queue: "test", max_batch_size: 3, max_batch_timeout: 0, max_retries: 2, retry_delay: 1 };

let folder = "";
let address = "";
let runtime: Child | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "edge-im-queue-"));
  address = `127.0.0.1:${await freePort()}`;
  await writeConfig();
  await start();
});
afterAll(async () => {
  await runtime?.stop(1_000);
  await rm(folder, { recursive: true });
});

it("delivers messages in batches, with their bodies", async () => {
  await send([1, 2, 3, 4]);
  await expect.poll(() => bodies()).toEqual([1, 2, 3, 4]);
  const sizes = Map.groupBy(await seen(), ({ batch }) => batch);
  for (const batch of sizes.values()) expect(batch.length).toBeLessThanOrEqual(3);
});

it("delivers late what is sent with a delay", async () => {
  const sentAt = Date.now();
  await send([10], 2);
  await expect.poll(() => attemptsOf(10)).toEqual([1]);
  const [message] = (await seen()).filter(({ body }) => body === 10);
  expect((message?.at ?? 0) - sentAt).toBeGreaterThanOrEqual(2_000);
});

it("delivers again when the consumer throws or asks for it, the whole batch or single messages", async () => {
  await behave("throw");
  await send([20]);
  await expect.poll(() => attemptsOf(20)).toEqual([1, 2]);
  await behave("retry");
  await send([21]);
  await expect.poll(() => attemptsOf(21)).toEqual([1, 2]);
  await behave("retry-odd");
  await send([30, 31]);
  await expect.poll(() => attemptsOf(31)).toEqual([1, 2]);
  expect(await attemptsOf(30)).toEqual([1]);
});

it("delivers what was sent before the runtime was killed", async () => {
  await send([40], 2);
  await kill();
  await start();
  await expect.poll(() => attemptsOf(40)).toEqual([1]);
});

async function writeConfig(): Promise<void> {
  const main = (file: string) => ({ main: join(ROOT, "workers/serve", file), define: {} });
  const bundles = await bundleWorkers({
    queue: main("queue.ts"),
    consumer: main("queue-consumer.fixture.ts"),
  });
  await mkdir(join(folder, "objects"));
  const queue = queueWorker({
    ...{ name: "queue", code: bundles.queue, layer: LAYER, disk: "objects", outbound: "objects" },
    ...{ consumer: CONSUMER, service: "consumer" },
  });
  const consumer = workerService("consumer", {
    ...{ code: bundles.consumer, layer: LAYER, outbound: "objects" },
    bindings: [{ name: "QUEUE", service: "queue" }],
  });
  const config = workerdConfig({
    services: [queue, consumer, diskService("objects", join(folder, "objects"), { writable: true })],
    sockets: [{ name: "test", address, http: {}, service: "consumer" }],
  });
  await writeFile(join(folder, "config.capnp"), config);
}

async function start(): Promise<void> {
  const args = [join(ROOT, "scripts/serve/run-workerd.ts"), join(folder, "config.capnp")];
  runtime = new Child({ name: "queue", args, env: {}, onLine: (line) => console.log(line) });
  await until(() => isHealthy(`http://${address}/`), AbortSignal.timeout(20_000));
}

async function kill(): Promise<void> {
  runtime?.kill();
  await groupEnded(runtime?.pid ?? 0);
}

async function send(messages: number[], delay?: number): Promise<void> {
  const query = messages.map((body) => `body=${body}`).join("&");
  await fetch(`http://${address}/send?${query}${delay === undefined ? "" : `&delay=${delay}`}`);
}

async function behave(behaviour: Behaviour): Promise<void> {
  await fetch(`http://${address}/behave`, { method: "POST", body: behaviour });
}

async function seen(): Promise<Delivered[]> {
  return (await (await fetch(`http://${address}/`)).json()) as Delivered[];
}

async function bodies(): Promise<number[]> {
  return (await seen()).map(({ body }) => body).toSorted((one, other) => one - other);
}

/** With which number of attempts a message was delivered, each time. */
async function attemptsOf(message: number): Promise<number[]> {
  return (await seen()).filter(({ body }) => body === message).map(({ attempts }) => attempts);
}
