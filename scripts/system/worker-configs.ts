import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { parse } from "smol-toml";
import { z } from "zod";
import { LAYERS, type Layer, layerConfig } from "./project.ts";

/** The fields of a checked-in configuration that are read here; all others are kept unchanged. */
const WorkerConfig = z.looseObject({
  name: z.string(),
  main: z.string(),
  assets: z.looseObject({ directory: z.string() }).optional(),
  vars: z.record(z.string(), z.string()).default({}),
  secrets: z.object({ required: z.array(z.string()) }).default({ required: [] }),
  define: z.record(z.string(), z.string()).default({}),
  ratelimits: z.array(z.looseObject({ name: z.string(), simple: z.looseObject({}) })).default([]),
});
export type WorkerConfig = z.infer<typeof WorkerConfig>;
type DevelopmentConfig = {
  main: string;
  minify: false;
  vars: Record<string, string>;
  define: Record<string, string>;
  ratelimits: WorkerConfig["ratelimits"];
};

/** The additions of development to a checked-in configuration. */
export type Development = {
  /** The values of all variables and secrets, by name. */
  values: Readonly<Record<string, string>>;
  /** Whether fault points are built in. */
  faults: boolean;
};

/**
 * Writes a configuration of each layer for `npm start`: the checked-in one with the values of the variables and
 * secrets that the layer names, and of the settings that only development has. Returns the files by layer.
 */
export async function writeWorkerConfigs(
  folder: string,
  development: Development,
): Promise<Record<Layer, string>> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = LAYERS.map(async (layer) => {
    const file = join(folder, `${layer}.json`);
    const sources = dirname(layerConfig(layer));
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

/** A Worker's configuration with absolute paths, and with its variables and secrets filled in. */
export function developmentConfig(
  config: WorkerConfig,
  folder: string,
  { values, faults }: Development,
): DevelopmentConfig {
  // Cloudflare's image service has no local counterpart without native code: clients get the originals.
  const { secrets: _secrets, images: _images, ...rest } = config;
  return {
    ...rest,
    main: resolve(folder, config.main),
    // Not minified, so that stack traces are readable.
    minify: false,
    ...(config.assets && {
      assets: { ...config.assets, directory: resolve(folder, config.assets.directory) },
    }),
    vars: variablesOf(config, values),
    define: { ...config.define, __FAULTS__: String(faults) },
    // Limits of the platform apply in development only if they are set.
    ratelimits: config.ratelimits.flatMap((limit) => {
      const set = values[limit.name];
      return set === undefined ? [] : [{ ...limit, simple: { ...limit.simple, limit: Number(set) } }];
    }),
  };
}

/** The variables and secrets that a Worker names, with their values; those without a value as they are checked in. */
export function variablesOf(
  { vars, secrets }: Pick<WorkerConfig, "vars" | "secrets">,
  values: Development["values"],
): Record<string, string> {
  const named = ["LOG_LEVEL", ...Object.keys(vars), ...secrets.required];
  // Neon needs DATABASE_URL only; the gateway serves Neon's protocol at another URL.
  if (named.includes("DATABASE_URL")) named.push("NEON_HTTP_URL");
  // Optional, so no configuration names it among those that are required.
  if (named.includes("JWT_SECRET")) named.push("JWT_SECRET_PREVIOUS");
  const known = named.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]]));
  return { ...vars, ...Object.fromEntries(known) };
}

/**
 * Miniflare calls the cron handler of its first Worker only. That is the API, which has none, so in development the
 * API's entry forwards the call to task.
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
