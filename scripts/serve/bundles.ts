import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Complaint, FAILED } from "../system/complaint.ts";
import { newestChange } from "../system/newest-change.ts";
import { type Layer, layerConfig, ROOT } from "../system/project.ts";
import { bundleWorkers, type WorkerBundles, type WorkerSource } from "../system/worker-bundles.ts";
import { readWorkerConfig } from "../system/worker-configs.ts";

/**
 * The Workers of `npm run serve`: logic and task as they are, API and connect in the entries that serve needs, and what
 * replaces the platform.
 */
const NAMES = ["logic", "task", "front", "connect", "connect-server", "control", "queue", "media"] as const;
export type ServeWorker = (typeof NAMES)[number];

const SOURCES = [
  ...["workers", "lib", "schema/internal", "schema/tables", "schema/wire", "operations", "durable-objects"],
  ...["wrangler.toml", "package-lock.json", "scripts/serve/bundles.ts", "scripts/system/worker-bundles.ts"],
].map((path) => join(ROOT, path));

/** How bundles are built: `readable` keeps the lines of the sources, so that stack traces are of use. */
export type Build = "minified" | "readable";

/** The bundles, which are built first when they are missing or older than their sources. */
export async function serveBundles(
  how: Build,
  options: { faults: boolean },
): Promise<WorkerBundles<ServeWorker>> {
  const folder = join(ROOT, "dist", options.faults ? `workers-${how}-with-faults` : `workers-${how}`);
  const files = NAMES.map((name) => [name, join(folder, `${name}.js`)] as const);
  const built = await Promise.all(files.map(([, file]) => newestChange(file)));
  if (Math.min(...built) <= (await newestChange(...SOURCES))) await buildBundles(folder, how, options.faults);
  const texts = files.map(async ([name, file]) => [name, await readFile(file, "utf8")] as const);
  return Object.fromEntries(await Promise.all(texts)) as WorkerBundles<ServeWorker>;
}

async function buildBundles(folder: string, how: Build, faults: boolean): Promise<void> {
  const bundles = await bundleWorkers(await sources(faults), { minify: how === "minified" });
  try {
    await mkdir(folder, { recursive: true });
    await Promise.all(
      Object.entries(bundles).map(async ([name, text]) => {
        // Whole files only: a test may start several systems at a time.
        const part = join(folder, `${name}.${process.pid}.part`);
        await writeFile(part, text);
        await rename(part, join(folder, `${name}.js`));
      }),
    );
  } catch (error) {
    // As a service: its user may not write among the sources.
    const reason = error instanceof Error ? error.message : error;
    throw new Complaint(`What serve runs is older than its sources (${reason}): run npm run build`, FAILED);
  }
}

async function sources(faults: boolean): Promise<Record<ServeWorker, WorkerSource>> {
  const source = (main: string): WorkerSource => ({ main, define: { __FAULTS__: String(faults) } });
  const layer = async (name: Layer) =>
    source(resolve(dirname(layerConfig(name)), (await readWorkerConfig(name)).main));
  const entry = (file: string) => source(join(ROOT, "workers/serve", file));
  return {
    ...{ logic: await layer("logic"), task: await layer("task") },
    ...{
      front: entry("front.ts"),
      connect: entry("connect.ts"),
      "connect-server": entry("connect-server.ts"),
    },
    ...{ control: entry("control.ts"), queue: entry("queue.ts"), media: entry("media/main.ts") },
  };
}
