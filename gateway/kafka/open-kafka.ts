import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { StartError } from "../start-error.ts";
import { Brokers } from "./cluster/brokers.ts";
import { CODE } from "./cluster/faults.ts";
import { missingRights } from "./cluster/rights.ts";
import { unknownRequest } from "./cluster/versions.ts";
import type { LogEngine } from "./engine.ts";
import { KafkaLog } from "./kafka-engine.ts";
import type { KafkaStore } from "./settings.ts";
import { connectionComplaint } from "./unreachable.ts";

const CLIENT_ID = "edge-im-gateway";
/** A start that takes longer fails: nobody may have to guess what it waits for. */
const WITHIN_MS = 8_000;
/** How long a cluster that is starting is waited for: brokers listen before they belong to it. */
const READY_WITHIN_MS = 5_000;
const READY_EVERY_MS = 200;

/** Connects to a Kafka. Throws a {@link StartError} when it cannot be used as it is set. */
export async function openKafka(store: KafkaStore): Promise<LogEngine> {
  const brokers = new Brokers(store.brokers, CLIENT_ID, await security(store));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const sentence = `KAFKA_BROKERS: ${addresses(store)} does not reply as a Kafka does within ${WITHIN_MS / 1_000} s`;
    timer = setTimeout(() => reject(new StartError(sentence)), WITHIN_MS);
  });
  try {
    await Promise.race([check(brokers, store), late]);
    return new KafkaLog(brokers, store.replication);
  } catch (error) {
    await brokers.close();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function security({ tls, sasl }: KafkaStore) {
  return {
    ...(sasl !== undefined && { sasl }),
    ...(tls !== undefined && { tls: await authorities(tls.caFile) }),
  };
}

async function authorities(file: string | undefined) {
  if (file === undefined) return {};
  try {
    return { ca: await readFile(file, "utf8") };
  } catch {
    throw new StartError(`KAFKA_CA_FILE: ${file} cannot be read`);
  }
}

async function check(brokers: Brokers, store: KafkaStore): Promise<void> {
  const complain = (error: unknown): never => {
    throw new StartError(connectionComplaint(error, store));
  };
  const unknown = await unknownRequest(brokers).catch(complain);
  if (unknown !== undefined)
    throw new StartError(
      `KAFKA_BROKERS: the Kafka at ${addresses(store)} is too old (it does not know ${unknown}); 4.0 or newer is needed`,
    );
  const readyBy = performance.now() + READY_WITHIN_MS;
  do await brokers.refresh().catch(complain);
  while (brokers.ids.length === 0 && (await mayWait(readyBy)));
  if (brokers.ids.length === 0)
    throw new StartError(
      `KAFKA_BROKERS: ${addresses(store)} replies, but no broker has joined its cluster within ${READY_WITHIN_MS / 1_000} s`,
    );
  const broker = await reachable(brokers, store);
  const tryAll = () => missingRights(brokers, broker, store.replication);
  let { rights, topicRefusal } = await tryAll();
  while (
    topicRefusal?.code === CODE.invalidReplication &&
    brokers.ids.length < store.replication &&
    (await mayWait(readyBy))
  ) {
    await brokers.refresh().catch(complain);
    ({ rights, topicRefusal } = await tryAll());
  }
  if (rights.length > 0) {
    const who = store.sasl === undefined ? "a client without a user" : `the user ${store.sasl.username}`;
    throw new StartError(
      `KAFKA_USERNAME: ${who} may not ${rights.join(", ")}; grant it these rights in Kafka`,
    );
  }
  if (topicRefusal?.code === CODE.invalidReplication)
    throw new StartError(
      `KAFKA_REPLICATION: Kafka refuses ${store.replication} replicas (${topicRefusal.message})`,
    );
  if (topicRefusal !== undefined)
    throw new StartError(`KAFKA_BROKERS: Kafka makes no topics (${topicRefusal.message})`);
}

/** Waits a little for brokers that are joining, and returns true; false when that has taken too long. */
async function mayWait(until: number): Promise<boolean> {
  if (performance.now() + READY_EVERY_MS > until) return false;
  await sleep(READY_EVERY_MS);
  return true;
}

/** A broker that can be reached under the address that the cluster says. */
async function reachable(brokers: Brokers, store: KafkaStore): Promise<number> {
  const tries = await Promise.allSettled(brokers.ids.map((id) => brokers.connect(id)));
  const first = tries.findIndex(({ status }) => status === "fulfilled");
  const id = brokers.ids[first];
  if (id !== undefined) return id;
  throw new StartError(
    `KAFKA_BROKERS: ${addresses(store)} replies, but the brokers name other addresses, where none does ` +
      `(${brokers.addresses.join(", ")}); correct their advertised.listeners`,
  );
}

function addresses({ brokers }: KafkaStore): string {
  return brokers.map(({ host, port }) => `${host}:${port}`).join(", ");
}
