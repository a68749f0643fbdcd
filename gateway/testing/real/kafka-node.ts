import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { tieToThisProcess } from "./tied.ts";

/** What a node is started with. */
export interface NodeOptions {
  readonly classPath: string;
  /** Its own folder, for its settings, its data and its output. */
  readonly folder: string;
  readonly properties: Readonly<Record<string, string>>;
  /** Further arguments of the tool that formats the folder; nothing happens to a formatted one. */
  readonly format: readonly string[];
  /** Java's memory, when it is not that of a few topics. */
  readonly heap: string | undefined;
  /** How long a start may take (milliseconds). */
  readonly patience: number;
}

/** A broker, perhaps with the cluster's controller in it, as a process. */
export interface KafkaNode {
  readonly pid: number;
  readonly data: string;
  start(): Promise<void>;
  end(signal: NodeJS.Signals): Promise<void>;
}

const CLUSTER_ID = "edge-im-kafka-of-tests";
const QUICK_START = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"];
const STARTED = "Kafka Server started";

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

/** Runs a program of Kafka's; returns what it writes. */
export async function runKafka(
  classPath: string,
  mainClass: string,
  args: readonly string[],
): Promise<string> {
  const java = ["-cp", classPath, ...QUICK_START, "-Xmx128m", mainClass, ...args];
  const { stdout } = await promisify(execFile)("java", java, { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** Formats a folder for a node, which is not started yet. */
export async function formatNode(options: NodeOptions): Promise<KafkaNode> {
  const { folder, classPath, heap } = options;
  const data = join(folder, "data");
  const [config, logging, output] = ["server.properties", "log4j2.properties", "output.log"].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  await mkdir(folder, { recursive: true });
  const properties = Object.entries({ ...options.properties, "log.dirs": data });
  await writeFile(config, properties.map(([name, value]) => `${name}=${value}\n`).join(""));
  await writeFile(logging, LOGGING);
  await runKafka(classPath, "kafka.tools.StorageTool", [
    ...["format", "--ignore-formatted", "--cluster-id", CLUSTER_ID, "-c", config],
    ...options.format,
  ]);

  const java = [
    ...["-cp", classPath, `-Dlog4j2.configurationFile=${logging}`, ...QUICK_START],
    ...[`-Xmx${heap ?? "384m"}`, "kafka.Kafka", config],
  ];
  let running: ChildProcess | undefined;
  return {
    data,
    get pid() {
      return running?.pid ?? 0;
    },
    start: async () => {
      const file = openSync(output, "w");
      running = spawn("java", java, { stdio: ["ignore", file, file], detached: true });
      tieToThisProcess(running);
      closeSync(file);
      await started(running, output, options.patience);
    },
    end: async (signal) => {
      if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
      const exited = once(running, "exit");
      running.kill(signal);
      await exited;
    },
  };
}

async function started(node: ChildProcess, output: string, patience: number): Promise<void> {
  const deadline = performance.now() + patience;
  for (;;) {
    const said = await readFile(output, "utf8");
    if (said.includes(STARTED)) return;
    if (node.exitCode !== null || performance.now() > deadline)
      throw new Error(`Kafka does not start:\n${said}`);
    await sleep(50);
  }
}
