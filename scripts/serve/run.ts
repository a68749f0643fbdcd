import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { driveCron, runCron } from "../system/cron.ts";
import { checkPort, freePort } from "../system/ports.ts";
import { gatewayProgram } from "../system/programs.ts";
import { type Running, runSystem } from "../system/run-system.ts";
import { openSecrets, type Secrets } from "../system/secrets.ts";
import { systemAddress } from "../system/settings.ts";
import { prepareStores } from "../system/stores.ts";
import { isHealthy, until } from "../system/until.ts";
import { buildWebClient, WEB_CLIENT } from "../system/web-client.ts";
import { workerValues } from "../system/worker-values.ts";
import { type Build, serveBundles } from "./bundles.ts";
import { connectConfig } from "./connect-config.ts";
import { callControl, callServeCron, isRunning } from "./control.ts";
import { coreConfig } from "./core-config.ts";
import { type Installation, mediaFolder, objectsFolder } from "./installation.ts";
import { workerdProgram } from "./programs.ts";
import { connectRole, type Role, type Roles, rolesOf } from "./roles.ts";
import type { ServeSettings } from "./settings.ts";
import { readWebAssets } from "./web-assets.ts";

/** How long the sockets may take to close, and how long each of three groups of programs to end: 10 s in all. */
const CLOSE_MS = 2_000;
const GRACE_MS = 2_500;

/**
 * Runs the system on workerd alone until a signal ends it: the gateway, unless one runs already, and the processes of this
 * machine, which call each other directly. Does not return.
 */
export async function serve(settings: ServeSettings, build: Build): Promise<never> {
  const dataDir = resolve(settings.DATA_DIR);
  const roles = rolesOf(settings, dataDir);
  return await runSystem(
    dataDir,
    settings,
    (running) => run(settings, roles, build, running),
    (running) => stop(roles, running),
  );
}

/** Starts the gateway unless one runs already, then the processes of this machine, and drives cron until the end. */
async function run(settings: ServeSettings, roles: Roles, build: Build, running: Running): Promise<void> {
  const { dataDir, supervisor, log, over } = running;
  if (roles.core) await checkPort(settings.HOST, settings.PORT, "PORT");
  const secrets = await openSecrets(dataDir, process.env);
  const [gateway, bundles] = await Promise.all([
    openGateway(settings, secrets, running),
    serveBundles(build, { faults: settings.FAULTS === "on" }),
    roles.core ? buildWebClient(log, over) : undefined,
  ]);
  const values = workerValues(settings, gateway.href.replace(/\/$/, ""), secrets);
  if (roles.core) await prepareStores(settings, values);

  const installation = { settings, roles, dataDir, bundles, values, gateway, key: secrets.INTERNAL_KEY };
  for (const [role, config] of await writeConfigs(installation)) {
    supervisor.start(workerdProgram(role, config, roles, log));
  }
  for (const role of rolesHere(roles)) await until(() => isRunning(roles.controlOf(role)), over);
  if (!roles.core) {
    ready(`The connect servers ${roles.apart.join(", ")} run`, running);
    return await ended(over);
  }
  await until(() => isHealthy(`${systemAddress(settings)}/api/v1/health`), over);
  const cron = () => callServeCron(roles.controlOf("core"));
  // The embedded Redis starts empty: this cron run rebuilds it before the first client connects.
  await runCron(cron, log, over);
  ready(`The system runs at ${systemAddress(settings).replace("127.0.0.1", "localhost")}`, running);
  await driveCron(cron, settings.CRON_SECONDS, log, over);
}

/** The gateway that the settings name, or one that is started here. Returns once it is healthy. */
async function openGateway(settings: ServeSettings, secrets: Secrets, running: Running): Promise<URL> {
  const { dataDir, supervisor, log, over } = running;
  if (settings.GATEWAY_URL === undefined) {
    if (settings.GATEWAY_PORT > 0) await checkPort("127.0.0.1", settings.GATEWAY_PORT, "GATEWAY_PORT");
    const port = settings.GATEWAY_PORT || (await freePort());
    supervisor.start(gatewayProgram(settings, dataDir, port, secrets, log));
    await until(() => isHealthy(`http://127.0.0.1:${port}/health`), over);
    return new URL(`http://127.0.0.1:${port}`);
  }
  const url = settings.GATEWAY_URL.replace(/\/$/, "");
  if (!(await isHealthy(`${url}/health`))) log.say("serve", `waiting for the gateway at ${url}`, "warn");
  await until(() => isHealthy(`${url}/health`), over);
  return new URL(url);
}

/** Writes the configuration of each process of this machine. They contain secrets. */
async function writeConfigs(installation: Installation): Promise<[Role, string][]> {
  const { roles, dataDir } = installation;
  const folder = join(dataDir, "run");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const write = async (role: Role, config: string): Promise<[Role, string]> => {
    await mkdir(objectsFolder(installation, role), { recursive: true });
    const file = join(folder, `${role}.capnp`);
    await writeFile(file, config, { mode: 0o600 });
    return [role, file];
  };
  await mkdir(mediaFolder(installation), { recursive: true });
  const servers = roles.apart.map(async (id) =>
    write(connectRole(id), await connectConfig(installation, id)),
  );
  if (!roles.core) return await Promise.all(servers);
  const assets = await readWebAssets(WEB_CLIENT);
  return await Promise.all([...servers, write("core", await coreConfig(installation, assets))]);
}

/** Sends the sockets away, then ends the processes: those that call others first, the gateway last. */
async function stop(roles: Roles, { supervisor, log }: Running): Promise<void> {
  supervisor.restartNone();
  const servers = roles.apart.map(connectRole);
  await Promise.all(
    (roles.whole ? (["core"] as const) : servers)
      .filter((role) => supervisor.runs(role))
      .map((role) =>
        callControl(roles.controlOf(role), "/end", CLOSE_MS).catch((error: unknown) =>
          log.say(
            role,
            `its sockets could not be closed: ${error instanceof Error ? error.message : error}`,
            "warn",
          ),
        ),
      ),
  );
  await supervisor.stop([["core"], servers, ["gateway"]], GRACE_MS);
}

function rolesHere({ core, apart }: Roles): Role[] {
  return [...apart.map(connectRole), ...(core ? (["core"] as const) : [])];
}

function ready(sentence: string, { log }: Running): void {
  log.say("start", sentence);
  // A test that started this process with an IPC channel waits for this message.
  process.send?.("ready");
}

function ended(over: AbortSignal): Promise<void> {
  return new Promise((resolve) => over.addEventListener("abort", () => resolve(), { once: true }));
}
