import {
  BucketsPerServer,
  type ConnectServer,
  ConnectServers,
  type LocationHint,
} from "../../lib/connect-servers.ts";
import { environment, perEnvironment } from "../../lib/environment.ts";
import { type JwtSecrets, JwtSettings, jwtSecrets } from "../../lib/jwt-secrets.ts";
import { Log, LogSettings } from "../../lib/log.ts";
import { AllowedOrigins } from "../../lib/origin.ts";
import { connectRedis, type Redis, RedisSettings } from "../../lib/redis.ts";
import type { BucketStub } from "../../lib/rpc/bucket.ts";
import type { LogicRpc } from "../../lib/rpc/logic.ts";

/** The buckets by their addresses: on Cloudflare, a namespace of Durable Objects. */
export interface BucketNamespace {
  getByName(address: string, options?: { locationHint?: LocationHint }): BucketStub;
}

/** What wrangler binds to the connect Worker; `LOGIC` is for its buckets. */
export interface ConnectEnv {
  BUCKETS: BucketNamespace;
  LOGIC: LogicRpc;
}

/** What every step of connect uses. */
export type Connect = {
  buckets: BucketNamespace;
  servers: readonly ConnectServer[];
  bucketsPerServer: number;
  allowedOrigins: ReadonlySet<string>;
  jwtSecrets: JwtSecrets;
  redis: Redis;
  log: Log;
};

const settingsOf = environment(
  RedisSettings.extend(LogSettings.shape).extend(JwtSettings.shape).extend({
    CONNECT_SERVERS: ConnectServers,
    BUCKETS_PER_SERVER: BucketsPerServer,
    ALLOWED_ORIGINS: AllowedOrigins,
  }),
);

/** Settings and a Redis client that holds no connection, so an isolate makes them once. */
export const openConnect: (env: ConnectEnv) => Connect = perEnvironment((env: ConnectEnv) => {
  const settings = settingsOf(env);
  return {
    buckets: env.BUCKETS,
    servers: settings.CONNECT_SERVERS,
    bucketsPerServer: settings.BUCKETS_PER_SERVER,
    allowedOrigins: settings.ALLOWED_ORIGINS,
    jwtSecrets: jwtSecrets(settings),
    redis: connectRedis(settings),
    log: new Log("connect", settings),
  };
});
