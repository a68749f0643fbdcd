import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { kafkaClassPath } from "./kafka-jars.ts";
import { accountSettings, type KafkaAccount, scramArguments, tlsSettings } from "./kafka-security.ts";
import { tieToThisProcess } from "./tied.ts";

/** How a test's Kafka differs from the usual one. */
export interface KafkaOptions {
  /** Further lines of `server.properties`, which win over the usual ones. */
  readonly properties?: Readonly<Record<string, string>>;
  /** People who may connect by SASL, with and without TLS. With some, rights are checked. */
  readonly accounts?: readonly KafkaAccount[];
  /** Java's memory for the broker. */
  readonly heap?: string;
  /** How many files the broker may have open, when the usual limit is too low. Only root can raise it. */
  readonly openFiles?: number;
  /** A folder to keep: it is formatted when it is empty, and left behind. Otherwise a new one, removed at the end. */
  readonly folder?: string;
}

/** A Kafka of one broker, on this machine only. */
export interface TestKafka {
  /** The address of each listener: without any security, with SASL, and with SASL over TLS. */
  readonly brokers: { readonly plain: string; readonly sasl: string; readonly tls: string };
  /** The certificate that signs the TLS listener's. */
  readonly caFile: string;
  readonly pid: number;
  /** Runs a program of Kafka's; returns what it writes. */
  run(mainClass: string, ...args: readonly string[]): Promise<string>;
  /** Ends the broker and starts it again on its data and ports; `meanwhile` is called with its data's folder. */
  restart(signal: NodeJS.Signals, meanwhile?: (data: string) => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 60_000;
const FAST_JVM = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"];

/** Formats a folder and starts Kafka on free ports; resolves when it serves. Without jars it throws. */
export async function startKafka(options: KafkaOptions = {}): Promise<TestKafka> {
  const classPath = kafkaClassPath();
  if (classPath === undefined) throw new Error("Kafka's jars are missing: run `npm run real:kafka`");
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "kafka-test-")));
  const accounts = options.accounts ?? [];
  const ports = {
    plain: await freePort(),
    sasl: await freePort(),
    tls: await freePort(),
    controller: await freePort(),
  };
  const caFile = join(folder, "ca.pem");
  const tls = accounts.length > 0 ? await tlsSettings(folder, caFile) : {};
  const configFile = join(folder, "server.properties");
  await writeFile(
    configFile,
    propertiesText({
      ...usual(folder, ports, accounts),
      ...tls,
      ...accountSettings(accounts),
      ...options.properties,
    }),
  );
  await writeFile(join(folder, "log4j2.properties"), LOGGING);
  const java = [
    "-cp",
    classPath,
    `-Dlog4j2.configurationFile=${join(folder, "log4j2.properties")}`,
    ...FAST_JVM,
  ];

  const run = async (mainClass: string, ...args: readonly string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)("java", [...java, "-Xmx128m", mainClass, ...args], {
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  };
  await run(
    "kafka.tools.StorageTool",
    ...[
      "format",
      "--standalone",
      "--ignore-formatted",
      "--cluster-id",
      "edge-im-kafka-of-tests",
      "-c",
      configFile,
    ],
    ...scramArguments(accounts),
  );

  let broker: ChildProcess;
  const start = async (): Promise<void> => {
    const output = openSync(join(folder, "output.log"), "w");
    const limit = options.openFiles === undefined ? "" : `ulimit -n ${options.openFiles}; `;
    const args = [...java, `-Xmx${options.heap ?? "384m"}`, "kafka.Kafka", configFile];
    broker = spawn("sh", ["-c", `${limit}exec java "$@"`, "sh", ...args], {
      stdio: ["ignore", output, output],
      detached: true,
    });
    tieToThisProcess(broker);
    closeSync(output);
    await served(broker, folder);
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (broker.exitCode !== null || broker.signalCode !== null) return;
    const exited = once(broker, "exit");
    broker.kill(signal);
    await exited;
  };
  await start();

  return {
    brokers: {
      plain: `127.0.0.1:${ports.plain}`,
      sasl: `127.0.0.1:${ports.sasl}`,
      tls: `127.0.0.1:${ports.tls}`,
    },
    caFile,
    get pid() {
      return broker.pid ?? 0;
    },
    run,
    restart: async (signal, meanwhile) => {
      await end(signal);
      await meanwhile?.(join(folder, "data"));
      await start();
    },
    stop: async () => {
      await end("SIGKILL");
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Ports {
  readonly plain: number;
  readonly sasl: number;
  readonly tls: number;
  readonly controller: number;
}

function usual(folder: string, ports: Ports, accounts: readonly KafkaAccount[]): Record<string, string> {
  const secured = accounts.length > 0;
  const listeners = [
    `PLAIN://127.0.0.1:${ports.plain}`,
    ...(secured ? [`SASL://127.0.0.1:${ports.sasl}`, `TLS://127.0.0.1:${ports.tls}`] : []),
  ];
  return {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.quorum.bootstrap.servers": `127.0.0.1:${ports.controller}`,
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAIN",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAIN:PLAINTEXT,SASL:SASL_PLAINTEXT,TLS:SASL_SSL",
    listeners: [...listeners, `CONTROLLER://127.0.0.1:${ports.controller}`].join(","),
    "advertised.listeners": listeners.join(","),
    "log.dirs": join(folder, "data"),
    "offsets.topic.num.partitions": "1",
    "offsets.topic.replication.factor": "1",
    "auto.create.topics.enable": "false",
    // A gateway takes bodies of 16 MiB.
    "message.max.bytes": "18000000",
    "group.initial.rebalance.delay.ms": "0",
  };
}

/** Waits until Kafka's own log says that it has started. */
async function served(broker: ChildProcess, folder: string): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  const file = join(folder, "output.log");
  for (;;) {
    const said = await readFile(file, "utf8");
    if (said.includes(READY)) break;
    if (broker.exitCode !== null || performance.now() > deadline)
      throw new Error(`Kafka does not start:\n${said}`);
    await sleep(50);
  }
}

const READY = "Kafka Server started";

const LOGGING = `
rootLogger.level = WARN
rootLogger.appenderRef.console.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %p %m (%c)%n
logger.start.name = kafka.server.KafkaRaftServer
logger.start.level = INFO
`;

function propertiesText(properties: Readonly<Record<string, string>>): string {
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("The server listens on no port");
  return address.port;
}
