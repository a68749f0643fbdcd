import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { parse } from "yaml";
import { z } from "zod";
import { ROOT } from "../../scripts/system/project.ts";

const strings = z.array(z.string());
const Service = z.looseObject({
  image: z.string(),
  environment: z.record(z.string(), z.string()).default({}),
  entrypoint: strings.optional(),
  command: strings.optional(),
  volumes: strings.default([]),
  networks: strings,
  build: z.object({ context: z.string(), dockerfile: z.string() }).optional(),
  healthcheck: z.object({ test: strings }).optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  stop_signal: z.enum(["SIGTERM", "SIGINT"]).default("SIGTERM"),
  stop_grace_period: z
    .string()
    .regex(/^\d+s$/)
    .default("10s"),
});
export type Service = z.output<typeof Service>;

const Compose = z.looseObject({
  services: z.record(z.string(), Service),
  volumes: z.record(z.string(), z.unknown()),
});
export type Compose = z.output<typeof Compose>;

/** `compose.yaml` as it is written. */
export async function composeText(): Promise<string> {
  return await readFile(join(ROOT, "compose.yaml"), "utf8");
}

/** A YAML document of Compose as JSON, with `<<` merged. */
export function parseCompose(text: string): unknown {
  return parse(text, { merge: true });
}

/** `compose.yaml` with these values of its variables, as Compose reads it. */
export async function readCompose(variables: Readonly<Record<string, string | undefined>>): Promise<Compose> {
  return Compose.parse(interpolated(parseCompose(await composeText()), variables));
}

/** The variables of an env file. */
export async function readEnv(file: string): Promise<Record<string, string | undefined>> {
  return { ...parseEnv(await readFile(file, "utf8")) };
}

/** `$$` is a dollar; `${NAME}` a variable; `${NAME:?message}` one that must be set, and not to nothing. */
function interpolated(value: unknown, variables: Readonly<Record<string, string | undefined>>): unknown {
  if (typeof value === "string") {
    return value.replace(/\$(?:\$|\{(\w+)(:\?[^}]*)?\})/g, (all, name?: string, required?: string) => {
      if (all === "$$" || name === undefined) return "$";
      const given = variables[name];
      if (required !== undefined && !given) throw new Error(`${name} ${required.slice(2)}`);
      return given ?? "";
    });
  }
  if (Array.isArray(value)) return value.map((item) => interpolated(item, variables));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, interpolated(item, variables)]),
  );
}
