import { readFile } from "node:fs/promises";
import type { ClientConfig } from "pg";
import { StartError } from "../start-error.ts";
import type { PostgresStore } from "./settings.ts";

/** How long a connection may take, in milliseconds. */
export const CONNECT_MS = 5_000;

/** What `pg` needs to connect to an external Postgres. Throws a {@link StartError} when a file cannot be read. */
export async function clientConfig(store: PostgresStore): Promise<ClientConfig> {
  return {
    connectionString: store.url,
    ssl: await tlsOptions(store),
    application_name: "gateway",
    connectionTimeoutMillis: CONNECT_MS,
    // So that a connection which a firewall has forgotten is noticed.
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  };
}

async function tlsOptions({ verification, caFile }: PostgresStore): Promise<ClientConfig["ssl"]> {
  if (verification === undefined) return false;
  if (verification === "nothing") return { rejectUnauthorized: false };
  const ca = caFile === undefined ? {} : { ca: await readCa(caFile) };
  return verification === "authority" ? { ...ca, checkServerIdentity: () => undefined } : ca;
}

async function readCa(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch {
    throw new StartError(`DATABASE_URL names the file ${file} as sslrootcert, which cannot be read`);
  }
}
