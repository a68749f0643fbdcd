import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { StartError } from "./start-error.ts";

const SECRETS = ["KAFKA_REST_PASSWORD", "REDIS_REST_TOKEN", "DATABASE_PASSWORD", "GATEWAY_STATS_TOKEN"];

/** Writes a file of settings with new secrets, for its owner only. Throws a {@link StartError} when there is one. */
export async function writeNewSettings(file: string): Promise<void> {
  const secrets = SECRETS.map((name) => `${name}=${randomBytes(32).toString("base64url")}`);
  const lines = ["KAFKA_REST_USERNAME=gateway", ...secrets];
  try {
    await writeFile(file, `${lines.join("\n")}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    const exists = error instanceof Error && "code" in error && error.code === "EEXIST";
    throw new StartError(exists ? `${file} exists already` : `${file} cannot be written`);
  }
}
