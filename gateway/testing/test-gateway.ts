import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type NeonQueryFunction, neon, neonConfig } from "@neondatabase/serverless";
import { Kafka } from "@upstash/kafka";
import { Redis } from "@upstash/redis";
import { inject } from "vitest";
import { z } from "zod";
import { type ExternalStores, type GatewayConfig, readConfig } from "../config.ts";
import { type Engines, openEngines } from "../engines.ts";
import { type Gateway, startGateway } from "../gateway.ts";
import { kafkaStore, kafkaVariables } from "../kafka/settings.ts";

/** The credentials of every gateway under test. */
export const CREDENTIALS = {
  username: "tester",
  kafka: "kafka-password-of-tests",
  redis: "redis-token-of-tests",
  database: "database-password/of+tests",
  stats: "stats-token-of-tests",
};

/** Opens the engines on which a set of tests runs. */
export type OpenEngines = typeof openEngines;

/** No external store. */
const EMBEDDED: ExternalStores = { kafka: undefined, redis: undefined, postgres: undefined };

/** The engines on which every protocol's tests run, by name: real servers where the test project runs them. */
export const ENGINE_KINDS: readonly (readonly [name: string, open: OpenEngines])[] = [
  realStores() === EMBEDDED
    ? ["embedded", openEngines]
    : ["real", (config) => openEngines({ ...config, stores: realStores() })],
];

function realStores(): ExternalStores {
  const kafka = inject("kafka");
  if (kafka === undefined) return EMBEDDED;
  const variables = z.object(kafkaVariables).parse({ KAFKA_BROKERS: kafka.brokers.plain });
  return { ...EMBEDDED, kafka: kafkaStore(variables) };
}

/** A gateway with its own port and data folder. */
export interface TestGateway extends Gateway {
  readonly engines: Engines;
}

/** The secrets of {@link CREDENTIALS} as settings. */
export const SECRETS = {
  KAFKA_REST_USERNAME: CREDENTIALS.username,
  KAFKA_REST_PASSWORD: CREDENTIALS.kafka,
  REDIS_REST_TOKEN: CREDENTIALS.redis,
  DATABASE_PASSWORD: CREDENTIALS.database,
  GATEWAY_STATS_TOKEN: CREDENTIALS.stats,
};

/** The configuration of a gateway under test. */
export function testConfig(settings: Readonly<Record<string, string>> = {}): GatewayConfig {
  return readConfig({ GATEWAY_PORT: "0", ...SECRETS, ...settings });
}

/** Starts a gateway, on a free port; closing it removes its data. */
export async function startTestGateway(
  open: OpenEngines,
  settings: Readonly<Record<string, string>> = {},
): Promise<TestGateway> {
  const dataDir = await newDataDir();
  const opened: Engines[] = [];
  const config = testConfig({ DATA_DIR: dataDir, ...settings });
  const gateway = await startGateway(config, async (given) => {
    const engines = await open(given);
    opened.push(engines);
    return engines;
  });
  const [engines] = opened;
  if (engines === undefined) throw new Error("The gateway opened no engines");
  return {
    url: gateway.url,
    engines,
    close: async () => {
      await gateway.close();
      await rm(dataDir, { recursive: true });
    },
  };
}

/** A folder for one gateway's data. */
export function newDataDir(): Promise<string> {
  return mkdtemp(join(tmpdir(), "gateway-test-"));
}

/** The published Kafka client, connected to a gateway. */
export function kafkaClient(url: string, password = CREDENTIALS.kafka): Kafka {
  return new Kafka({ url: `${url}/kafka`, username: CREDENTIALS.username, password });
}

/** The published Redis client, connected to a gateway. */
export function redisClient(url: string, options: { token?: string; responseEncoding?: false } = {}): Redis {
  const { token = CREDENTIALS.redis, ...rest } = options;
  return new Redis({ url: `${url}/redis`, token, enableTelemetry: false, ...rest });
}

/** The published Postgres client, connected to a gateway. */
export function sqlClient(url: string, password = CREDENTIALS.database): NeonQueryFunction<false, false> {
  neonConfig.fetchEndpoint = `${url}/sql`;
  return neon(`postgresql://tester:${encodeURIComponent(password)}@localhost/postgres`);
}

/** The body of the gateway's `GET /stats`. */
export async function statsOf(url: string): Promise<unknown> {
  const response = await fetch(`${url}/stats`, { headers: { authorization: `Bearer ${CREDENTIALS.stats}` } });
  return response.json();
}
