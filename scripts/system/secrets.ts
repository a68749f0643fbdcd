import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { BAD_SETTING, Complaint } from "./complaint.ts";

const secret = z.string().min(16);

const Secrets = z.object({
  KAFKA_REST_USERNAME: secret,
  KAFKA_REST_PASSWORD: secret,
  REDIS_REST_TOKEN: secret,
  DATABASE_PASSWORD: secret,
  GATEWAY_STATS_TOKEN: secret,
  JWT_SECRET: secret,
  /** the JWT_SECRET before, while tokens signed with it are in use */
  JWT_SECRET_PREVIOUS: secret.optional(),
});
export type Secrets = z.infer<typeof Secrets>;

/** The secrets of a data folder, created at its first start and kept in the folder, readable only by its owner. */
export async function openSecrets(dataDir: string): Promise<Secrets> {
  const file = join(dataDir, "secrets.json");
  const known = await readKnown(file);
  const needed = Object.keys(Secrets.shape).filter((name) => name !== "JWT_SECRET_PREVIOUS");
  const fresh = needed.map((name) => [name, randomBytes(32).toString("base64url")]);
  const secrets = Secrets.safeParse({ ...Object.fromEntries(fresh), ...known });
  if (!secrets.success) throw new Complaint(`${file} does not hold the secrets of this system`, BAD_SETTING);
  await mkdir(dataDir, { recursive: true });
  await writeFile(file, `${JSON.stringify(secrets.data, null, 2)}\n`, { mode: 0o600 });
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
