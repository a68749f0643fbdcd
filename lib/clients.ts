import { connectDatabase, type Database, DatabaseSettings } from "./database.ts";
import { environment, perEnvironment } from "./environment.ts";
import { Log, LogSettings } from "./log.ts";
import { KafkaSettings, MessageLog } from "./message-log.ts";
import { connectRedis, type Redis, RedisSettings } from "./redis.ts";

/** The clients of a layer that uses all three stores, and its log. */
export type Clients = { redis: Redis; database: Database; messageLog: MessageLog; log: Log };

const settingsOf = environment(
  RedisSettings.extend(KafkaSettings.shape).extend(DatabaseSettings.shape).extend(LogSettings.shape),
);

/** Makes a layer's clients once in each isolate. They hold settings but no connections, so all calls can share them. */
export function clientsOf(layer: string): (env: object) => Clients {
  return perEnvironment((env: object) => {
    const settings = settingsOf(env);
    return {
      redis: connectRedis(settings),
      database: connectDatabase(settings),
      messageLog: new MessageLog(settings, layer),
      log: new Log(layer, settings),
    };
  });
}
