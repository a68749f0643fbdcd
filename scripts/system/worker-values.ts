import type { Secrets } from "./secrets.ts";

/** The variables and secrets with which the Workers reach the gateway. */
function gatewayValues(gateway: string, secrets: Secrets): Record<string, string> {
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

/** Every value that a Worker may name in its configuration. Unset settings are left out, so the configuration decides. */
export function workerValues(settings: object, gateway: string, secrets: Secrets): Record<string, string> {
  const set = Object.entries(settings).filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(set.map(([name, value]) => [name, String(value)])),
    ...gatewayValues(gateway, secrets),
    JWT_SECRET: secrets.JWT_SECRET,
    ...(secrets.OPS_TOKENS !== undefined && { OPS_TOKENS: secrets.OPS_TOKENS }),
    ...(secrets.JWT_SECRET_PREVIOUS !== undefined && { JWT_SECRET_PREVIOUS: secrets.JWT_SECRET_PREVIOUS }),
  };
}
