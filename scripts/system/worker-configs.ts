import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { parse } from "smol-toml";
import { z } from "zod";
import { LAYERS, type Layer, layerConfig } from "./project.ts";

/** What is read of a checked-in configuration; all else goes on as it is. */
const WorkerConfig = z.looseObject({
  name: z.string(),
  main: z.string(),
  assets: z.looseObject({ directory: z.string() }).optional(),
  vars: z.record(z.string(), z.string()).default({}),
  secrets: z.object({ required: z.array(z.string()) }).default({ required: [] }),
  define: z.record(z.string(), z.string()).default({}),
});
type WorkerConfig = z.infer<typeof WorkerConfig>;
type DevelopmentConfig = {
  main: string;
  minify: false;
  vars: Record<string, string>;
  define: Record<string, string>;
};

/** What development adds to a checked-in configuration. */
export type Development = {
  /** Where the sources lie: the project, or a copy of it. */
  root: string;
  /** By name, what the Workers may ask for. */
  values: Readonly<Record<string, string>>;
  /** Whether fault points are built in. */
  faults: boolean;
};

/**
 * Writes a configuration a layer for `wrangler dev`, made from the checked-in one: with the values of the variables and
 * secrets that the layer names, and of the settings that only development has. Answers their files by layer.
 */
export async function writeWorkerConfigs(
  folder: string,
  development: Development,
): Promise<Record<Layer, string>> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = LAYERS.map(async (layer) => {
    const file = join(folder, `${layer}.json`);
    const sources = dirname(layerConfig(layer, development.root));
    const config = developmentConfig(await readWorkerConfig(layer), sources, development);
    if (layer === "api") config.main = await writeCronEntry(folder, config.main);
    await writeFile(file, JSON.stringify(config, null, 2), { mode: 0o600 });
    return [layer, file] as const;
  });
  return Object.fromEntries(await Promise.all(files)) as Record<Layer, string>;
}

/** A layer's checked-in configuration. */
export async function readWorkerConfig(layer: Layer): Promise<WorkerConfig> {
  return WorkerConfig.parse(parse(await readFile(layerConfig(layer), "utf8")));
}

/** The same Worker, found from anywhere, with its variables and secrets filled in. */
export function developmentConfig(
  config: WorkerConfig,
  folder: string,
  { values, faults }: Omit<Development, "root">,
): DevelopmentConfig {
  const { secrets, ...rest } = config;
  const named = ["LOG_LEVEL", ...Object.keys(config.vars), ...secrets.required];
  // Neon itself is found by DATABASE_URL alone; in development its protocol is spoken elsewhere.
  if (named.includes("DATABASE_URL")) named.push("NEON_HTTP_URL");
  const known = named.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]]));
  return {
    ...rest,
    main: resolve(folder, config.main),
    // Faults are read as they were written.
    minify: false,
    ...(config.assets && {
      assets: { ...config.assets, directory: resolve(folder, config.assets.directory) },
    }),
    vars: { ...config.vars, ...Object.fromEntries(known) },
    define: { ...config.define, __FAULTS__: String(faults) },
  };
}

/**
 * `wrangler dev` hands a cron's call to its first Worker only, and that is the API, which has none. So in development
 * the API's entry passes it on to task, whose own handler it is.
 */
async function writeCronEntry(folder: string, main: string): Promise<string> {
  const file = join(folder, "api-with-cron.js");
  const source = `import api from ${JSON.stringify(main)};
export * from ${JSON.stringify(main)};
export default {
  fetch: (request, env, context) => api.fetch(request, env, context),
  scheduled: ({ cron, scheduledTime }, env) => env.TASK.scheduled({ cron, scheduledTime }),
};
`;
  await writeFile(file, source, { mode: 0o600 });
  return file;
}
