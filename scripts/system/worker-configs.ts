import { readFile } from "node:fs/promises";
import { parse } from "smol-toml";
import { z } from "zod";
import { type Layer, layerConfig } from "./project.ts";

/** The fields of a checked-in configuration that are read here; all others are kept unchanged. */
const WorkerConfig = z.looseObject({
  name: z.string(),
  main: z.string(),
  vars: z.record(z.string(), z.string()).default({}),
  secrets: z.object({ required: z.array(z.string()) }).default({ required: [] }),
});
type WorkerConfig = z.infer<typeof WorkerConfig>;

/** A layer's checked-in configuration. */
export async function readWorkerConfig(layer: Layer): Promise<WorkerConfig> {
  return WorkerConfig.parse(parse(await readFile(layerConfig(layer), "utf8")));
}

/** The variables and secrets that a Worker names, with their values; those without a value as they are checked in. */
export function variablesOf(
  { vars, secrets }: Pick<WorkerConfig, "vars" | "secrets">,
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  const named = ["LOG_LEVEL", ...Object.keys(vars), ...secrets.required];
  // Neon needs DATABASE_URL only; the gateway serves Neon's protocol at another URL.
  if (named.includes("DATABASE_URL")) named.push("NEON_HTTP_URL");
  // Optional, so no configuration names it among those that are required.
  if (named.includes("JWT_SECRET")) named.push("JWT_SECRET_PREVIOUS");
  // Likewise, and only the API hashes passwords.
  if (named.includes("PASSWORD_COST")) named.push("OPS_TOKENS");
  const known = named.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]]));
  return { ...vars, ...Object.fromEntries(known) };
}
