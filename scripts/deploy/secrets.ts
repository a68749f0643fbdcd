import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { z } from "zod";
import { BAD_SETTING, Complaint } from "../system/complaint.ts";
import { LAYERS, type Layer } from "../system/project.ts";
import type { Plan } from "./plan.ts";

/** Secrets by name. */
export type Secrets = Readonly<Record<string, string>>;

/** Optional ones: given to the Workers that have the secret or variable that is named beside them. */
const OPTIONAL: readonly (readonly [name: string, beside: string])[] = [
  ["JWT_SECRET_PREVIOUS", "JWT_SECRET"],
  ["NEON_HTTP_URL", "DATABASE_URL"],
  ["OPS_TOKENS", "PASSWORD_COST"],
];

/** The secrets that a Worker must have. */
export function secretsOf(plan: Plan, layer: Layer): string[] {
  return plan[layer].secrets.required;
}

/** The given secrets that are a Worker's. */
export function givenTo(plan: Plan, layer: Layer, given: Secrets): Secrets {
  const required = secretsOf(plan, layer);
  const named = [...required, ...Object.keys(plan[layer].vars)];
  const optional = OPTIONAL.flatMap(([name, beside]) => (named.includes(beside) ? [name] : []));
  return Object.fromEntries(
    [...required, ...optional].flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])),
  );
}

/** A secret and the layers that need it; `missing` are those of them that neither have nor get it. */
export type SecretNeed = { name: string; layers: Layer[]; missing: Layer[] };

/** Which secret each layer needs, and where it is missing; `known` are those that a Worker has already. */
export function secretNeeds(
  plan: Plan,
  known: Record<Layer, readonly string[]>,
  given: Secrets,
): SecretNeed[] {
  const names = [...new Set(LAYERS.flatMap((layer) => secretsOf(plan, layer)))].toSorted();
  return names.map((name) => {
    const layers = LAYERS.filter((layer) => secretsOf(plan, layer).includes(name));
    const missing = layers.filter((layer) => !known[layer].includes(name) && given[name] === undefined);
    return { name, layers, missing };
  });
}

/** A value; what the documentation leaves open has an ellipsis. */
const SecretValue = z
  .string()
  .min(1, "is empty")
  .refine((value) => !value.includes("…"), "is not filled in");

/** Reads a file of lines NAME=VALUE, or of JSON. */
export async function readSecretsFile(file: string): Promise<Secrets> {
  try {
    const text = await readFile(file, "utf8");
    const parsed: unknown = text.trimStart().startsWith("{") ? JSON.parse(text) : parseEnv(text);
    return z.record(z.string(), SecretValue).parse(parsed);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw new Complaint(`${file} cannot be read: ${error}`, BAD_SETTING);
    const faults = error.issues.map(({ path, message }) => `${path.join(".")} ${message}.`);
    throw new Complaint([`In ${file}`, ...faults].join("\n"), BAD_SETTING);
  }
}

/** Writes a Worker's secrets into a folder, for wrangler; JSON, in which it replaces nothing. */
export async function writeSecrets(folder: string, layer: Layer, secrets: Secrets): Promise<string> {
  const file = join(folder, `${layer}.json`);
  await writeFile(file, JSON.stringify(secrets), { mode: 0o600 });
  return file;
}
