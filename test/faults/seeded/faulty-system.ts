import { createWriteStream } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConsoleLog } from "../../../scripts/system/console-log.ts";
import { freePort } from "../../../scripts/system/ports.ts";
import { gatewayProgram } from "../../../scripts/system/programs.ts";
import { openSecrets } from "../../../scripts/system/secrets.ts";
import { type OwnStores, ownStores } from "../../harness/own-stores.ts";
import { System } from "../../harness/system.ts";
import { GatewayProcess } from "./gateway-process.ts";
import { StoreProxy } from "./store-proxy.ts";

/** The connect servers, each in a process of its own. */
export const CONNECT_SERVERS = ["one", "two"] as const;

const GATEWAY_LOG = "gateway.log";

const SETTINGS = {
  CONNECT_SERVERS: CONNECT_SERVERS.join(),
  SERVE_PROCESSES: "split",
  PASSWORD_COST: "1024",
  CRON_SECONDS: "5",
  GRACE_SECONDS: "2",
};

/** A system as `npm run serve` runs it, whose requests to the stores pass through a proxy, so that they can be disturbed. */
export class FaultySystem {
  readonly system: System;
  readonly gateway: GatewayProcess;
  readonly proxy: StoreProxy;
  readonly stores: OwnStores;

  private constructor(system: System, gateway: GatewayProcess, proxy: StoreProxy, stores: OwnStores) {
    this.system = system;
    this.gateway = gateway;
    this.proxy = proxy;
    this.stores = stores;
  }

  /** Starts it, on the real servers that the environment names, or on embedded ones. */
  static async start(): Promise<FaultySystem> {
    const stores = await ownStores();
    const dataDir = await mkdtemp(join(tmpdir(), "edge-im-faults-"));
    const [port, gatewayPort] = [await freePort(), await freePort()];
    const secrets = await openSecrets(dataDir);
    const program = gatewayProgram(stores.env, dataDir, gatewayPort, secrets, new ConsoleLog("none"));
    const log = createWriteStream(join(dataDir, GATEWAY_LOG));
    const gateway = new GatewayProcess({ ...program, onLine: (line) => log.write(`${line}\n`) }, gatewayPort);
    await gateway.healthy();
    const proxy = await StoreProxy.open(gatewayPort);
    const env = { ...SETTINGS, GATEWAY_URL: proxy.url };
    const system = new System(dataDir, port, gatewayPort, stores, { program: "serve", env });
    const faulty = new FaultySystem(system, gateway, proxy, stores);
    try {
      await system.start();
    } catch (fault) {
      await faulty.stop();
      throw fault;
    }
    return faulty;
  }

  /** The files with the output of its programs. */
  get logFiles(): string[] {
    return [this.system.logFile, join(this.system.dataDir, GATEWAY_LOG)];
  }

  /** Stops it and removes its data. */
  async stop(): Promise<void> {
    await this.system.stop();
    await this.gateway.stop();
    await this.proxy.close();
    await this.system.remove();
  }
}
