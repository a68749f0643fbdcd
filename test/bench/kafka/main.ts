/**
 * `npm run bench:kafka`: how a real Kafka does with a topic for each of many people. It makes topics, and measures at each of
 * the numbers of `--topics`, and where its `--seconds` for making topics end. With `--folder` the topics stay there, and the next
 * run starts the brokers on them and goes on. With `--kill` the brokers are killed at the end.
 */
import { mkdir } from "node:fs/promises";
import { parseArgs } from "node:util";
import { openKafka } from "../../../gateway/kafka/open-kafka.ts";
import { startKafka } from "../../../gateway/testing/real/kafka.ts";
import { describeMachine } from "../machine.ts";
import { makeTopics } from "./make-topics.ts";
import { measureFetch, measureLag, measureMemory, measureProduce } from "./measures.ts";
import { Report } from "./report.ts";
import { requireRoom } from "./room.ts";

const { values: flags } = parseArgs({
  options: {
    topics: { type: "string", default: "5000" },
    seconds: { type: "string", default: "600" },
    heap: { type: "string", default: "2g" },
    folder: { type: "string" },
    brokers: { type: "string", default: "1" },
    kill: { type: "boolean", default: false },
  },
});
const brokers = Number(flags.brokers);
const stages = flags.topics
  .split(",")
  .map(Number)
  .sort((a, b) => a - b);
/** How long a start of the brokers may take (milliseconds). */
const PATIENCE_MS = 900_000;

await requireRoom(Math.ceil((stages.at(-1) ?? 0) / brokers));
if (flags.folder !== undefined) await mkdir(flags.folder, { recursive: true });
const report = new Report();
const begun = performance.now();
const kafka = await startKafka({
  ...(flags.folder !== undefined && { folder: flags.folder }),
  ...{ brokers, heap: flags.heap, patience: PATIENCE_MS },
  properties: {
    // An index is mapped into memory at its full size, 10 MiB unless set, for each topic.
    "log.index.size.max.bytes": "65536",
    "num.recovery.threads.per.data.dir": "2",
    // All brokers share the processors of this machine, and none is to be given up for being slow.
    ...{ "broker.session.timeout.ms": "60000", "num.network.threads": "2", "num.io.threads": "2" },
  },
});
const started = performance.now() - begun;
const log = await openKafka(storeOf(kafka.brokers.plain));
try {
  let topics = (await log.topics()).size;
  report.note(topics, "start of the brokers, ms", started);
  report.note(topics, "… until a gateway has the names of all topics, ms", performance.now() - begun);
  const end = performance.now() + Number(flags.seconds) * 1_000;
  for (const stage of stages.filter((each) => each >= topics)) {
    const from = topics;
    const making = performance.now();
    topics = await makeTopics(log, from, stage, end);
    const seconds = (performance.now() - making) / 1_000;
    if (topics > from)
      report.note(topics, "topics made a second, with a record in each", (topics - from) / seconds);
    await measureMemory(kafka.nodes, topics, report);
    await measureProduce(log, topics, report);
    await measureFetch(log, topics, report);
    await measureLag(log, topics, report);
    if (topics < stage) break;
  }
} finally {
  await log.close();
  const end = performance.now();
  await kafka.stop(flags.kill ? "SIGKILL" : "SIGTERM");
  console.error(`… end of the brokers: ${Math.round(performance.now() - end)} ms`);
}
console.log(`npm run bench:kafka -- ${process.argv.slice(2).join(" ")}\n${await describeMachine()}\n`);
console.log(report.table());

function storeOf(address: string) {
  const [host = "", port = ""] = address.split(":");
  return { brokers: [{ host, port: Number(port) }], sasl: undefined, tls: undefined, replication: -1 };
}
