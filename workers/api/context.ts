import { z } from "zod";
import { JwtSecret } from "../../lib/access-token.ts";
import { BucketsPerServer, ConnectServers } from "../../lib/connect-servers.ts";
import { connectDatabase, type Database, DatabaseSettings } from "../../lib/database.ts";
import { environment, perEnvironment } from "../../lib/environment.ts";
import { Log, LogSettings } from "../../lib/log.ts";
import { KafkaSettings, MessageLog } from "../../lib/message-log.ts";
import { connectRedis, type Redis, RedisSettings } from "../../lib/redis.ts";
import type { ConnectRpc } from "../../lib/rpc/connect.ts";
import type { LogicRpc } from "../../lib/rpc/logic.ts";
import type { TaskRpc } from "../../lib/rpc/task.ts";
import { SnowflakeLease } from "../../lib/snowflake-lease.ts";
import { PasswordCost } from "./password.ts";

/** What wrangler binds to the API Worker. */
export interface ApiEnv {
  LOGIC: LogicRpc;
  TASK: Pick<TaskRpc, "health">;
  CONNECT: Pick<ConnectRpc, "health"> & { fetch(request: Request): Promise<Response> };
  IMAGES: R2Bucket;
}

const Settings = RedisSettings.extend(KafkaSettings.shape)
  .extend(DatabaseSettings.shape)
  .extend(LogSettings.shape)
  .extend({
    JWT_SECRET: JwtSecret,
    CONNECT_SERVERS: ConnectServers,
    BUCKETS_PER_SERVER: BucketsPerServer,
    RATE_LIMIT_AUTH: z.coerce.number().int().min(1).default(20),
    RATE_LIMIT_API: z.coerce.number().int().min(1).default(600),
    PASSWORD_COST: PasswordCost,
  });

/** What every route works with. */
export type Api = {
  settings: z.output<typeof Settings>;
  redis: Redis;
  database: Database;
  messageLog: MessageLog;
  snowflakes: SnowflakeLease;
  logic: LogicRpc;
  task: ApiEnv["TASK"];
  connect: ApiEnv["CONNECT"];
  log: Log;
};

/** Hono's view of it: each route finds the `Api` under `c.var.api`. */
export type ApiHono = { Bindings: ApiEnv; Variables: { api: Api } };

const settingsOf = environment(Settings);

const snowflakes = new SnowflakeLease();

/** The clients of an isolate: they hold no connection, only settings, so that all its requests share them. */
const clientsOf = perEnvironment((env) => {
  const settings = settingsOf(env);
  return {
    settings,
    redis: connectRedis(settings),
    database: connectDatabase(settings),
    messageLog: new MessageLog(settings, "api"),
    log: new Log("api", settings),
  };
});

/** What one request works with. */
export function openApi(env: ApiEnv): Api {
  const { LOGIC: logic, TASK: task, CONNECT: connect } = env;
  return { ...clientsOf(env), snowflakes, logic, task, connect };
}
