/**
 * `npm run with-servers -- COMMAND`: starts a Kafka, a Redis and a Postgres, runs the command with KAFKA_BROKERS, REDIS_URL and
 * DATABASE_URL set to them, and ends and removes them. For tests, and to try the system on real servers; their data are not kept.
 */
import { execa } from "execa";
import { startKafka } from "../gateway/testing/real/kafka.ts";
import { DEBIAN_POSTGRES, startRealPostgres } from "../gateway/testing/real/postgres.ts";
import { startRealRedis } from "../gateway/testing/real/redis.ts";

const [command = "true", ...args] = process.argv.slice(2);
// The command gets Ctrl-C too, and ends first.
process.on("SIGINT", () => undefined);
const [kafka, redis, postgres] = await Promise.all([
  startKafka(),
  startRealRedis(),
  startRealPostgres(DEBIAN_POSTGRES ?? "embedded"),
]);
const { exitCode = 1 } = await execa(command, args, {
  env: { KAFKA_BROKERS: kafka.brokers.plain, REDIS_URL: redis.url(), DATABASE_URL: postgres.url() },
  stdio: "inherit",
  reject: false,
});
await Promise.all([kafka.stop(), redis.remove(), postgres.remove()]);
process.exitCode = exitCode;
