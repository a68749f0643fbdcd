import { Client } from "pg";
import { StartError } from "../start-error.ts";
import { clientConfig } from "./client-config.ts";
import type { PostgresEngine } from "./engine.ts";
import { PoolEngine } from "./pool-engine.ts";
import type { PostgresStore } from "./settings.ts";
import { describeFailure } from "./unusable.ts";

/** MERGE, and a public schema in which only its owner creates tables. */
const LEAST_VERSION = 15;

/** Values read the same whatever the server, the database or the role has set. */
const SESSION_SETTINGS = {
  TimeZone: "UTC",
  DateStyle: "ISO,MDY",
  IntervalStyle: "postgres",
  bytea_output: "hex",
  extra_float_digits: "1",
};

/** Connects to an external Postgres. Throws a {@link StartError} when it cannot be used. */
export async function openExternalPostgres(store: PostgresStore): Promise<PostgresEngine> {
  const config = await clientConfig({ ...store, url: withSettings(store.url) });
  const client = new Client(config);
  // A connection that is lost later is noticed by the check.
  client.on("error", () => undefined);
  try {
    await client.connect();
    check((await client.query<Server>(SERVER)).rows[0], store.connections);
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(`DATABASE_URL cannot be used: ${describeFailure(error, store.url)}`);
  } finally {
    await client.end().catch(() => undefined);
  }
  return new PoolEngine(config, { sessions: store.connections });
}

/** The URL with the settings of its sessions, after those that it names itself. */
function withSettings(text: string): string {
  const url = new URL(text);
  const ours = Object.entries(SESSION_SETTINGS).map(([name, value]) => `-c ${name}=${value}`);
  url.searchParams.set("options", [url.searchParams.get("options") ?? "", ...ours].join(" ").trim());
  return url.href;
}

interface Server {
  readonly number: number;
  readonly version: string;
  readonly encoding: string;
  readonly standby: boolean;
  readonly sessions: number;
}

const SERVER = `SELECT
  current_setting('server_version_num')::int AS number,
  current_setting('server_version') AS version,
  current_setting('server_encoding') AS encoding,
  pg_is_in_recovery() AS standby,
  least(
    (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user),
    (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database()),
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
  ) AS sessions`;

function check(server: Server | undefined, connections: number): void {
  if (server === undefined) throw new Error("Postgres says nothing about itself");
  const fault = faultOf(server);
  if (fault !== undefined) throw new StartError(`DATABASE_URL cannot be used: ${fault}`);
  if (server.sessions < connections) {
    throw new StartError(
      `DATABASE_CONNECTIONS is ${connections}, but Postgres permits ${server.sessions} sessions to this user`,
    );
  }
}

function faultOf({ number, version, encoding, standby }: Server): string | undefined {
  if (Math.trunc(number / 10_000) < LEAST_VERSION)
    return `Postgres ${version} is too old: it must be ${LEAST_VERSION} or newer`;
  if (encoding !== "UTF8") return `the encoding of the database is ${encoding}: it must be UTF8`;
  if (standby) return "it is a standby, which cannot be written to";
  return undefined;
}
