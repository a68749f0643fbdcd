import { z } from "zod";
import { type Client, Secret } from "./access/client.ts";
import { accessVariables, clientsContradiction, clientsIn } from "./access/settings.ts";
import { type KafkaStore, kafkaContradiction, kafkaStore, kafkaVariables } from "./kafka/settings.ts";
import { limitVariables, type RequestLimits, requestLimits } from "./limits.ts";
import { type PostgresStore, postgresStore, postgresVariables } from "./postgres/settings.ts";
import { type RedisStore, redisStore, redisVariables } from "./redis/settings.ts";

/** The stores outside of the gateway, each chosen alone. It runs its embedded one for each that is undefined. */
export interface ExternalStores {
  readonly kafka: KafkaStore | undefined;
  readonly redis: RedisStore | undefined;
  readonly postgres: PostgresStore | undefined;
}

/** The gateway's configuration, read once at its start. */
export interface GatewayConfig {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly clients: readonly Client[];
  readonly limits: RequestLimits;
  readonly statsToken: string;
  /** The least time that a record stays in the log, in hours. */
  readonly logRetentionHours: number;
  readonly stores: ExternalStores;
}

/** Settings are missing or wrong: the message has a line for each. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** The settings of the external stores, by the names of their environment variables. */
export const storeVariables = { ...kafkaVariables, ...redisVariables, ...postgresVariables };

/** Every setting of the gateway, by the names of their environment variables. */
export const gatewayVariables = {
  ...accessVariables,
  GATEWAY_STATS_TOKEN: Secret.describe("The token for /metrics and /stats."),
  GATEWAY_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(8790)
    .describe("The port to listen on; 0 picks a free one."),
  HOST: z.string().min(1).default("127.0.0.1").describe("The address to listen on; loopback unless set."),
  DATA_DIR: z
    .string()
    .min(1)
    .default(".data")
    .describe("The folder with the data of the embedded stores, used by one gateway at a time."),
  LOG_RETENTION_HOURS: z.coerce
    .number()
    .positive()
    .default(168)
    .describe("The least time that a record stays in the embedded log, in hours."),
  ...storeVariables,
  ...limitVariables,
};

const environment = z.object(gatewayVariables).superRefine((variables, context) => {
  for (const wrong of [kafkaContradiction(variables), clientsContradiction(variables)]) {
    if (wrong !== undefined) context.addIssue({ code: "custom", path: [wrong.name], message: wrong.message });
  }
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
    clients: clientsIn(env),
    limits: requestLimits(env),
    statsToken: env.GATEWAY_STATS_TOKEN,
    logRetentionHours: env.LOG_RETENTION_HOURS,
    stores: { kafka: kafkaStore(env), redis: redisStore(env), postgres: postgresStore(env) },
  };
}
