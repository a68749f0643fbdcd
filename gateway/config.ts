import { z } from "zod";

/** The gateway's configuration, read once at its start. */
export interface GatewayConfig {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly kafka: { readonly username: string; readonly password: string };
  readonly redisToken: string;
  readonly databasePassword: string;
  readonly statsToken: string;
  /** The least time that a record stays in the log, in hours. */
  readonly logRetentionHours: number;
}

/** Settings are missing or wrong: the message has a line for each. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

// Credentials go into HTTP headers and URLs, and @upstash/kafka's base64 corrupts characters outside of Latin-1.
const credential = z.string().regex(/^[\x21-\x7e]+$/, "must be printable ASCII without spaces");
const secret = credential.min(16, "must have at least 16 characters");
const notYet = (store: string) =>
  z
    .undefined({ error: `is not supported yet: the gateway runs its embedded ${store}; leave it unset` })
    .optional();

const environment = z.object({
  GATEWAY_PORT: z.coerce.number().int().min(0).max(65_535).default(8790),
  HOST: z.string().min(1).default("127.0.0.1"),
  DATA_DIR: z.string().min(1).default(".data"),
  KAFKA_REST_USERNAME: credential.regex(/^[^:]*$/, "must not contain a colon"),
  KAFKA_REST_PASSWORD: secret,
  REDIS_REST_TOKEN: secret,
  DATABASE_PASSWORD: secret,
  GATEWAY_STATS_TOKEN: secret,
  LOG_RETENTION_HOURS: z.coerce.number().positive().default(168),
  KAFKA_BROKERS: notYet("log"),
  REDIS_URL: notYet("Redis"),
  DATABASE_URL: notYet("Postgres"),
});

/** Reads the configuration from environment variables; throws a {@link ConfigError} that names every bad one. */
export function readConfig(variables: Readonly<Record<string, string | undefined>>): GatewayConfig {
  // An empty variable counts as unset: shell scripts clear a setting this way.
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ""));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map(
      ({ path, message }) =>
        `${path.join(".")}: ${given[String(path[0])] === undefined ? "is required" : message}`,
    );
    throw new ConfigError(lines.join("\n"));
  }
  const env = parsed.data;
  return {
    port: env.GATEWAY_PORT,
    host: env.HOST,
    dataDir: env.DATA_DIR,
    kafka: { username: env.KAFKA_REST_USERNAME, password: env.KAFKA_REST_PASSWORD },
    redisToken: env.REDIS_REST_TOKEN,
    databasePassword: env.DATABASE_PASSWORD,
    statsToken: env.GATEWAY_STATS_TOKEN,
    logRetentionHours: env.LOG_RETENTION_HOURS,
  };
}
