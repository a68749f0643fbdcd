import type { Secrets } from "./secrets.ts";
import type { Settings } from "./settings.ts";

/** Where the Workers find the gateway, by the names under which they look for it. */
export function gatewayValues(gateway: string, secrets: Secrets): Record<string, string> {
  return {
    UPSTASH_KAFKA_REST_URL: `${gateway}/kafka`,
    UPSTASH_KAFKA_REST_USERNAME: secrets.KAFKA_REST_USERNAME,
    UPSTASH_KAFKA_REST_PASSWORD: secrets.KAFKA_REST_PASSWORD,
    UPSTASH_REDIS_REST_URL: `${gateway}/redis`,
    UPSTASH_REDIS_REST_TOKEN: secrets.REDIS_REST_TOKEN,
    DATABASE_URL: `postgresql://edge:${secrets.DATABASE_PASSWORD}@localhost/edge`,
    NEON_HTTP_URL: `${gateway}/sql`,
  };
}

/** Every value that a Worker may name in its configuration. */
export function workerValues(settings: Settings, gateway: string, secrets: Secrets): Record<string, string> {
  return {
    ...gatewayValues(gateway, secrets),
    JWT_SECRET: secrets.JWT_SECRET,
    CONNECT_SERVERS: settings.CONNECT_SERVERS,
    BUCKETS_PER_SERVER: String(settings.BUCKETS_PER_SERVER),
    RATE_LIMIT_AUTH: String(settings.RATE_LIMIT_AUTH),
    RATE_LIMIT_API: String(settings.RATE_LIMIT_API),
    PASSWORD_COST: String(settings.PASSWORD_COST),
    ...(settings.PUSH_RATE !== undefined && { PUSH_RATE: String(settings.PUSH_RATE) }),
    ...(settings.PUSH_BURST !== undefined && { PUSH_BURST: String(settings.PUSH_BURST) }),
    ...(settings.ALLOWED_ORIGINS !== undefined && { ALLOWED_ORIGINS: settings.ALLOWED_ORIGINS }),
  };
}
