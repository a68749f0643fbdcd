import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { OperatorTokens } from "../../lib/operator-tokens.ts";
import { BAD_SETTING, Complaint } from "./complaint.ts";

const secret = z.string().min(16);

const Secrets = z.object({
  KAFKA_REST_USERNAME: secret,
  KAFKA_REST_PASSWORD: secret,
  REDIS_REST_TOKEN: secret,
  DATABASE_PASSWORD: secret,
  GATEWAY_STATS_TOKEN: secret,
  /** by which the processes of `npm run serve` know each other */
  INTERNAL_KEY: secret,
  JWT_SECRET: secret,
  /** the JWT_SECRET before, while tokens signed with it are in use */
  JWT_SECRET_PREVIOUS: secret.optional(),
  /** the operators; without any, there is no operator's page */
  OPS_TOKENS: z
    .string()
    .refine((list) => OperatorTokens.safeParse(list).success)
    .optional(),
});
export type Secrets = z.infer<typeof Secrets>;

/** Those that are not made: who wants them gives them. */
const OPTIONAL: readonly string[] = ["JWT_SECRET_PREVIOUS", "OPS_TOKENS"];

/**
 * The secrets of a data folder, created at its first start and kept in the folder, readable only by its owner. Those that
 * are among the given environment variables are used instead, and not kept.
 */
export async function openSecrets(
  dataDir: string,
  variables: Readonly<Record<string, string | undefined>> = {},
): Promise<Secrets> {
  const file = join(dataDir, "secrets.json");
  const known = await readKnown(file);
  const names = Object.keys(Secrets.shape);
  const given = names.flatMap((name) => (variables[name] ? [[name, variables[name]]] : []));
  const needed = names.filter((name) => !OPTIONAL.includes(name));
  const fresh = needed.map((name) => [name, randomBytes(32).toString("base64url")]);
  const secrets = Secrets.safeParse({ ...Object.fromEntries(fresh), ...known, ...Object.fromEntries(given) });
  if (!secrets.success) {
    const [{ path: [name = ""] = [] } = {}] = secrets.error.issues;
    const place = variables[String(name)] ? "The environment" : file;
    throw new Complaint(
      `${place} does not hold the secrets of this system: see ${String(name)}`,
      BAD_SETTING,
    );
  }
  const kept = Object.entries(secrets.data).filter(([name]) => !variables[name]);
  await mkdir(dataDir, { recursive: true });
  await writeFile(file, `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`, { mode: 0o600 });
  return secrets.data;
}

async function readKnown(file: string): Promise<object> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    throw new Complaint(
      `${file} cannot be read: ${error instanceof Error ? error.message : error}`,
      BAD_SETTING,
    );
  }
}
