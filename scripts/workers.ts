/**
 * The four Workers in one workerd, as `npm start` runs them. Nothing stands beside it: no proxy, and no inspector, for which
 * workerd would trace the asynchronous work of every isolate.
 *
 * The arguments are the layers' configurations, as `--connect FILE`, and so on; the Worker of the API gets the port.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare, type V4WorkerOptions } from "miniflare";
import { unstable_getMiniflareWorkerOptions as workerOptionsOf } from "wrangler";
import { z } from "zod";
import { LAYERS, type Layer } from "./system/project.ts";
import {
  bundleWorkers,
  type WorkerBundles,
  type WorkerSource,
  watchWorkers,
} from "./system/worker-bundles.ts";

const text = { type: "string" } as const;
const { values } = parseArgs({
  options: {
    ...{ connect: text, task: text, logic: text, api: text },
    ...{ host: text, port: text, data: text },
    watch: { type: "boolean", default: false },
  },
});
const { host, port, data, watch, ...configs } = z
  .object({
    ...{ connect: z.string(), task: z.string(), logic: z.string(), api: z.string() },
    ...{ host: z.string(), port: z.coerce.number().int(), data: z.string() },
    watch: z.boolean(),
  })
  .parse(values);

/** Writes the lines of Miniflare in the form of those of the Workers. */
class JsonLog extends Log {
  override logWithLevel(level: LogLevel, message: string): void {
    say(level === LogLevel.ERROR ? "error" : level === LogLevel.WARN ? "warn" : "info", message);
  }
}

const workers = Object.fromEntries(LAYERS.map((layer) => [layer, workerOptionsOf(configs[layer])])) as Record<
  Layer,
  ReturnType<typeof workerOptionsOf>
>;
const sources = Object.fromEntries(
  LAYERS.map((layer) => [
    layer,
    { main: z.string().parse(workers[layer].main), define: workers[layer].define },
  ]),
) as Record<Layer, WorkerSource>;

const miniflare = new Miniflare(optionsFor(await bundleWorkers(sources)));
process.once("SIGTERM", () => void miniflare.dispose().then(() => process.exit(0)));
await miniflare.ready;
if (watch) {
  let current = true;
  await watchWorkers(sources, (bundles) => {
    // The first bundles are those that run already.
    if (!current) void miniflare.setOptions(optionsFor(bundles));
    current = false;
  });
}

function optionsFor(bundles: WorkerBundles<Layer>) {
  return convertV4MiniflareOptions({
    host,
    port,
    workers: LAYERS.toReversed().map((layer) => workerFor(layer, bundles[layer])),
    resourcePersistencePath: data,
    log: new JsonLog(LogLevel.WARN),
    handleStructuredLogs: ({ level, message }) =>
      say(level === "warn" || level === "error" ? level : "info", message),
    // Cron, which `npm start` triggers.
    unsafeTriggerHandlers: true,
    // No requests to the outside, and no span of every request in a store.
    cf: false,
    telemetry: { enabled: false },
    unsafeLocalExplorer: false,
    unsafeObservability: false,
    logRequests: false,
  });
}

function workerFor(layer: Layer, contents: string): V4WorkerOptions {
  const { modulesRules: _, ...options } = workers[layer].workerOptions;
  return {
    ...options,
    name: `edge-im-${layer}`,
    // Saves a copy of the headers of each request to a store.
    stripCfConnectingIp: false,
    modulesRoot: data,
    modules: [{ type: "ESModule", path: join(data, `${layer}.js`), contents }],
  };
}

/** Prints a line: one that a Worker wrote is JSON already. */
function say(level: "info" | "warn" | "error", message: string): void {
  console.log(message.startsWith("{") ? message : JSON.stringify({ level, event: message }));
}
