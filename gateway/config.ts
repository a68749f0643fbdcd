import { z } from "zod";
import { type KafkaStore, kafkaContradiction, kafkaStore, kafkaVariables } from "./kafka/settings.ts";
import { type PostgresStore, postgresStore, postgresVariables } from "./postgres/settings.ts";
import { redisVariables } from "./redis/settings.ts";

/** The stores outside of the gateway, each chosen alone. It runs its embedded one for each that is undefined. */
export interface ExternalStores {
  readonly kafka: KafkaStore | undefined;
  readonly postgres: PostgresStore | undefined;
}

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
  readonly stores: ExternalStores;
}

/** Settings are missing or wrong: the message has a line for each. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

// Credentials go into HTTP headers and URLs, and @upstash/kafka's base64 corrupts characters outside of Latin-1.
const credential = z.string().regex(/^[\x21-\x7e]+$/, "must be printable ASCII without spaces");
const secret = credential.min(16, "must have at least 16 characters");

/** The settings of the external stores, by the names of their environment variables. */
export const storeVariables = { ...kafkaVariables, ...redisVariables, ...postgresVariables };

const environment = z
  .object({
    GATEWAY_PORT: z.coerce.number().int().min(0).max(65_535).default(8790),
    HOST: z.string().min(1).default("127.0.0.1"),
    DATA_DIR: z.string().min(1).default(".data"),
    KAFKA_REST_USERNAME: credential.regex(/^[^:]*$/, "must not contain a colon"),
    KAFKA_REST_PASSWORD: secret,
    REDIS_REST_TOKEN: secret,
    DATABASE_PASSWORD: secret,
    GATEWAY_STATS_TOKEN: secret,
    LOG_RETENTION_HOURS: z.coerce.number().positive().default(168),
    ...storeVariables,
  })
  .superRefine((variables, context) => {
    const wrong = kafkaContradiction(variables);
    if (wrong !== undefined) context.addIssue({ code: "custom", path: [wrong.name], message: wrong.message });
  });

/** Reads the configuration from environment variables; throws a {@link ConfigError} that names every bad one. */
export function readConfig(variables: Readonly<Record<string, string | undefined>>): GatewayConfig {
  // An empty variable counts as unset: shell scripts clear a setting this way.
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ""));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map(
      ({ code, path, message }) =>
        `${path.join(".")}: ${code === "invalid_type" && given[String(path[0])] === undefined ? "is required" : message}`,
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
    stores: { kafka: kafkaStore(env), postgres: postgresStore(env) },
  };
}
