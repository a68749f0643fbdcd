import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { freePort } from "./free-port.ts";
import { kafkaClassPath } from "./kafka-jars.ts";
import { formatNode, type KafkaNode, runKafka } from "./kafka-node.ts";
import { accountSettings, type KafkaAccount, scramArguments, tlsSettings } from "./kafka-security.ts";

/** How a test's Kafka differs from the usual one. */
export interface KafkaOptions {
  /** The number of brokers; the first is the controller, too. */
  readonly brokers?: number;
  /** Further lines of `server.properties`, which win over the usual ones. */
  readonly properties?: Readonly<Record<string, string>>;
  /** People who may connect by SASL to the first broker, with and without TLS. With some, rights are checked. */
  readonly accounts?: readonly KafkaAccount[];
  /** Java's memory for each broker, when it is not that of a few topics. */
  readonly heap?: string;
  /** How long a start may take (milliseconds). */
  readonly patience?: number;
  /** A folder to keep: it is formatted when it is empty, and left behind. Otherwise a new one, removed at the end. */
  readonly folder?: string;
}

/** A Kafka on this machine only. */
export interface TestKafka {
  /** The addresses of the first broker's listeners: without any security, with SASL, and with SASL over TLS. */
  readonly brokers: { readonly plain: string; readonly sasl: string; readonly tls: string };
  /** The certificate that signs the TLS listener's. */
  readonly caFile: string;
  readonly nodes: readonly KafkaNode[];
  /** Runs a program of Kafka's; returns what it writes. */
  run(mainClass: string, ...args: readonly string[]): Promise<string>;
  /** Ends a broker and starts it again on its data and ports; `meanwhile` is called with its data's folder. */
  restart(
    signal: NodeJS.Signals,
    meanwhile?: (data: string) => Promise<void>,
    node?: KafkaNode,
  ): Promise<void>;
  /** Ends all brokers: at once, or cleanly by SIGTERM. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

const PATIENCE_MS = 60_000;

/** Formats a folder and starts Kafka on free ports; resolves when it serves. Without jars it throws. */
export async function startKafka(options: KafkaOptions = {}): Promise<TestKafka> {
  const classPath = kafkaClassPath();
  if (classPath === undefined) throw new Error("Kafka's jars are missing: run `npm run real:kafka`");
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "kafka-test-")));
  const accounts = options.accounts ?? [];
  const caFile = join(folder, "ca.pem");
  const tls = accounts.length > 0 ? await tlsSettings(folder, caFile) : {};
  const all = await portsOf(folder, options.brokers ?? 1);
  const [first] = all;
  if (first === undefined) throw new Error("A Kafka has at least one broker");

  const nodes = await Promise.all(
    all.map((ports, index) =>
      formatNode({
        ...{ classPath, heap: options.heap, patience: options.patience ?? PATIENCE_MS },
        folder: join(folder, `node-${index + 1}`),
        format: index === 0 ? ["--standalone", ...scramArguments(accounts)] : ["--no-initial-controllers"],
        properties: {
          ...usual(index, ports, first),
          ...(index === 0 && accounts.length > 0 && { ...secured(ports), ...tls }),
          ...accountSettings(accounts),
          ...options.properties,
        },
      }),
    ),
  );
  const [controller] = nodes;
  await controller?.start();
  await Promise.all(nodes.slice(1).map((node) => node.start()));

  return {
    brokers: {
      ...{ plain: `127.0.0.1:${first.plain}`, sasl: `127.0.0.1:${first.sasl}` },
      tls: `127.0.0.1:${first.tls}`,
    },
    caFile,
    nodes,
    run: (mainClass, ...args) => runKafka(classPath, mainClass, args),
    restart: async (signal, meanwhile, node = controller) => {
      await node?.end(signal);
      await meanwhile?.(node?.data ?? "");
      await node?.start();
    },
    stop: async (signal = "SIGKILL") => {
      // The controller last: a broker that ends cleanly hands its topics over with its help.
      await Promise.all(nodes.slice(1).map((node) => node.end(signal)));
      await controller?.end(signal);
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

const Ports = z.object({ plain: z.int(), sasl: z.int(), tls: z.int(), controller: z.int() });
type Ports = z.infer<typeof Ports>;

/** The ports of each broker. Those of a kept folder stay the same, because the data name the controller's. */
async function portsOf(folder: string, brokers: number): Promise<Ports[]> {
  const file = join(folder, "ports.json");
  const kept = await readFile(file, "utf8").catch(() => undefined);
  if (kept !== undefined) return z.array(Ports).parse(JSON.parse(kept));
  const ports: Ports[] = [];
  for (let broker = 0; broker < brokers; broker += 1)
    ports.push({
      plain: await freePort(),
      sasl: await freePort(),
      tls: await freePort(),
      controller: await freePort(),
    });
  await writeFile(file, JSON.stringify(ports));
  return ports;
}

function usual(index: number, { plain, controller }: Ports, first: Ports): Record<string, string> {
  const listener = `PLAIN://127.0.0.1:${plain}`;
  return {
    "process.roles": index === 0 ? "broker,controller" : "broker",
    "node.id": String(index + 1),
    "controller.quorum.bootstrap.servers": `127.0.0.1:${first.controller}`,
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAIN",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAIN:PLAINTEXT,SASL:SASL_PLAINTEXT,TLS:SASL_SSL",
    listeners: index === 0 ? `${listener},CONTROLLER://127.0.0.1:${controller}` : listener,
    "advertised.listeners": listener,
    "offsets.topic.num.partitions": "1",
    "offsets.topic.replication.factor": "1",
    "auto.create.topics.enable": "false",
    // A gateway takes bodies of 16 MiB.
    "message.max.bytes": "18000000",
    // Tests write records of 1970.
    "log.retention.ms": "-1",
  };
}

function secured({ plain, sasl, tls, controller }: Ports): Record<string, string> {
  const listeners = [`PLAIN://127.0.0.1:${plain}`, `SASL://127.0.0.1:${sasl}`, `TLS://127.0.0.1:${tls}`];
  return {
    listeners: [...listeners, `CONTROLLER://127.0.0.1:${controller}`].join(","),
    "advertised.listeners": listeners.join(","),
  };
}
