/** `npm start`: the whole system with one command, until Ctrl-C. */
import { join, resolve } from "node:path";
import { runProgram } from "./system/complaint.ts";
import { callCron, driveCron, runCron } from "./system/cron.ts";
import { checkPort, freePort } from "./system/ports.ts";
import { gatewayProgram, workersProgram } from "./system/programs.ts";
import { type Running, runSystem } from "./system/run-system.ts";
import { openSecrets } from "./system/secrets.ts";
import { describeSettings, readSettings, type Settings, systemAddress } from "./system/settings.ts";
import { prepareStores } from "./system/stores.ts";
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
  return await runSystem(
    resolve(settings.DATA_DIR),
    settings,
    (running) => run(settings, running),
    // The Workers first: requests that they still run need the stores.
    ({ supervisor }) => supervisor.stop([["workers"], ["gateway"]], GRACE_MS),
  );
}

/** Starts the stores, then the Workers on them, and drives cron until the end. */
async function run(settings: Settings, { dataDir, supervisor, log, over }: Running): Promise<void> {
  await checkPort(settings.HOST, settings.PORT, "PORT");
  if (settings.GATEWAY_PORT > 0) await checkPort("127.0.0.1", settings.GATEWAY_PORT, "GATEWAY_PORT");
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
  const cron = () => callCron(system);
  // The embedded Redis starts empty: this cron run rebuilds it before the first client connects.
  await runCron(cron, log, over);
  log.say("start", `The system runs at ${system.replace("127.0.0.1", "localhost")}`);
  // A test that started this process with an IPC channel waits for this message.
  process.send?.("ready");
  await driveCron(cron, settings.CRON_SECONDS, log, over);
}
