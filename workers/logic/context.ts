import { connectDatabase, type Database, DatabaseSettings } from "../../lib/database.ts";
import { environment, perEnvironment } from "../../lib/environment.ts";
import { Log, LogSettings } from "../../lib/log.ts";
import { KafkaSettings, MessageLog } from "../../lib/message-log.ts";
import { connectRedis, type Redis, RedisSettings } from "../../lib/redis.ts";
import type { TaskRpc } from "../../lib/rpc/task.ts";
import { SnowflakeLease } from "../../lib/snowflake-lease.ts";
import type { DrainMessage } from "../../schema/internal/drain-message.ts";

/** What wrangler binds to the logic Worker. */
export interface LogicEnv {
  TASK: TaskRpc;
  DRAIN_QUEUE: Queue<DrainMessage>;
}

/** What every step of logic works with. */
export type Logic = {
  redis: Redis;
  database: Database;
  messageLog: MessageLog;
  snowflakes: SnowflakeLease;
  task: TaskRpc;
  drainQueue: Queue<DrainMessage>;
  /** Goes on with something after the answer has been given. */
  inBackground: (work: Promise<unknown>) => void;
  log: Log;
};

const settings = environment(
  RedisSettings.extend(KafkaSettings.shape).extend(DatabaseSettings.shape).extend(LogSettings.shape),
);

const snowflakes = new SnowflakeLease();

/** The clients of an isolate: they hold no connection, only settings, so that all its calls share them. */
const clientsOf = perEnvironment((env) => {
  const parsed = settings(env);
  return {
    redis: connectRedis(parsed),
    database: connectDatabase(parsed),
    messageLog: new MessageLog(parsed, "logic"),
    log: new Log("logic", parsed),
  };
});

/** What one call works with. */
export function openLogic(env: LogicEnv, context: ExecutionContext): Logic {
  return {
    ...clientsOf(env),
    snowflakes,
    task: env.TASK,
    drainQueue: env.DRAIN_QUEUE,
    inBackground: (work) => context.waitUntil(work),
  };
}
