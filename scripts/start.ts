/** `npm start`: the whole system with one command, until Ctrl-C. */
import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { connectDatabase, DatabaseSettings } from "../lib/database.ts";
import { connectRedis, RedisSettings } from "../lib/redis.ts";
import { redisKeys } from "../lib/redis-keys.ts";
import { Complaint, runProgram } from "./system/complaint.ts";
import { ConsoleLog } from "./system/console-log.ts";
import { driveCron, runCron } from "./system/cron.ts";
import { onEndSignal } from "./system/end-signal.ts";
import { applyMigrations } from "./system/migrations.ts";
import { checkPort, freePort } from "./system/ports.ts";
import { gatewayProgram, workersProgram } from "./system/programs.ts";
import { claimDataDir } from "./system/run-file.ts";
import { openSecrets } from "./system/secrets.ts";
import { describeSettings, readSettings, type Settings, systemAddress } from "./system/settings.ts";
import { Supervisor } from "./system/supervisor.ts";
import { isHealthy, until } from "./system/until.ts";
import { buildWebClient } from "./system/web-client.ts";
import { writeWorkerConfigs } from "./system/worker-configs.ts";
import { workerValues } from "./system/worker-values.ts";

/** How long a program may take to end by itself. Two programs end one after the other, in 10 s at most. */
const GRACE_MS = 4_000;

await runProgram(async () => {
  if (process.argv.includes("--help")) console.log(describeSettings());
  else await start(readSettings(process.env));
});

async function start(settings: Settings): Promise<never> {
  const dataDir = resolve(settings.DATA_DIR);
  await mkdir(dataDir, { recursive: true });
  const claim = await claimDataDir(dataDir);
  await checkPort(settings.HOST, settings.PORT, "PORT");
  if (settings.GATEWAY_PORT > 0) await checkPort("127.0.0.1", settings.GATEWAY_PORT, "GATEWAY_PORT");

  const log = new ConsoleLog(settings.LOG_LEVEL);
  const over = new AbortController();
  const supervisor = new Supervisor(log, {
    changed: claim.note,
    gaveUp: (complaint) => over.abort(complaint),
  });
  onEndSignal(
    () => over.abort(),
    () => supervisor.kill(),
  );
  try {
    await run(settings, dataDir, supervisor, log, over.signal);
  } catch (error) {
    if (!over.signal.aborted) throw error;
  } finally {
    // The Workers first: requests that they still run need the stores.
    await supervisor.stop(["workers", "gateway"], GRACE_MS);
  }
  if (over.signal.reason instanceof Complaint) throw over.signal.reason;
  process.exit(0);
}

/** Starts the stores, then the Workers on them, and drives cron until the end. */
async function run(
  settings: Settings,
  dataDir: string,
  supervisor: Supervisor,
  log: ConsoleLog,
  over: AbortSignal,
): Promise<void> {
  const secrets = await openSecrets(dataDir);
  const gatewayPort = settings.GATEWAY_PORT || (await freePort());
  const gateway = `http://127.0.0.1:${gatewayPort}`;
  const values = workerValues(settings, gateway, secrets);

  const startStores = async () => {
    supervisor.start(gatewayProgram(settings, dataDir, gatewayPort, secrets, log));
    await until(() => isHealthy(`${gateway}/health`), over);
    await prepareStores(values);
  };
  const prepareWorkers = async () => {
    await buildWebClient(log, over);
    const faults = settings.FAULTS === "on";
    return await writeWorkerConfigs(join(dataDir, "worker-configs"), { values, faults });
  };
  const [configs] = await Promise.all([prepareWorkers(), startStores()]);

  // Not before the stores are ready: every request, alarm and queued message of a Worker uses them.
  supervisor.start(workersProgram(settings, dataDir, configs, log));
  const system = systemAddress(settings);
  await until(() => isHealthy(`${system}/api/v1/health`), over);
  // The embedded Redis starts empty: this cron run rebuilds it before the first client connects.
  await runCron(system, log, over);
  log.say("start", `The system runs at ${system.replace("127.0.0.1", "localhost")}`);
  // A test that started this process with an IPC channel waits for this message.
  process.send?.("ready");
  await driveCron(system, settings.CRON_SECONDS, log, over);
}

/** Migrates the database. When it is new, sets the epoch in Redis: an empty Redis has lost no data then. */
async function prepareStores(values: Readonly<Record<string, string>>): Promise<void> {
  const { fresh } = await applyMigrations(connectDatabase(DatabaseSettings.parse(values)));
  if (fresh) await connectRedis(RedisSettings.parse(values)).set(redisKeys.epoch, randomUUID());
}
