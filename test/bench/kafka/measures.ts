import { readdir, readFile } from "node:fs/promises";
import type { LogEngine } from "../../../gateway/kafka/engine.ts";
import type { KafkaNode } from "../../../gateway/testing/real/kafka-node.ts";
import { topicOf, VALUE } from "./make-topics.ts";
import type { Report } from "./report.ts";
import { quantile, timed } from "./timing.ts";

const PAGE = 5_000;
/** One topic in so many lags. */
const LAGGING = 100;
const GROUP = "task";
const ALONE = 500;
const WIDE = 20;
const WIDTH = 500;
const KIBIBYTES_A_MEBIBYTE = 1_024;
const MEBIBYTE = 2 ** 20;

/** What the brokers and this process, a gateway without its HTTP, use. */
export async function measureMemory(nodes: readonly KafkaNode[], topics: number, report: Report) {
  const used = await Promise.all(nodes.map(({ pid }) => usedBy(pid)));
  const sum = (name: keyof (typeof used)[number]) => used.reduce((total, each) => total + each[name], 0);
  report.note(topics, "memory of all brokers, MiB", sum("resident"));
  report.note(topics, "… their open files / memory maps", sum("files"), sum("maps"));
  report.note(topics, "memory of the gateway, MiB", process.memoryUsage().rss / MEBIBYTE);
}

async function usedBy(pid: number) {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return {
    maps: (await readFile(`/proc/${pid}/maps`, "utf8")).split("\n").length,
    files: (await readdir(`/proc/${pid}/fd`)).length,
    resident: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / KIBIBYTES_A_MEBIBYTE,
  };
}

/** How long a produce takes, of one record and of many, into any of the topics. */
export async function measureProduce(log: LogEngine, topics: number, report: Report): Promise<void> {
  const produce = (count: number) =>
    log.produce(someOf(topics, count).map((topic) => ({ topic, value: VALUE })));
  const alone = await timed(ALONE, () => produce(1));
  report.note(topics, "produce of a record, p50 / p99 ms", quantile(alone, 0.5), quantile(alone, 0.99));
  const wide = await timed(WIDE, () => produce(WIDTH));
  report.note(topics, `… of ${WIDTH} records into as many topics`, quantile(wide, 0.5), quantile(wide, 0.99));
}

/** How long a fetch takes, from one topic and from many. */
export async function measureFetch(log: LogEngine, topics: number, report: Report): Promise<void> {
  const fetch = (count: number) =>
    log.fetch(
      someOf(topics, count).map((topic) => ({ topic, partition: 0, offset: 0 })),
      0,
      () => AbortSignal.abort(),
    );
  const alone = await timed(ALONE, () => fetch(1));
  report.note(topics, "fetch of a topic, p50 / p99 ms", quantile(alone, 0.5), quantile(alone, 0.99));
  const wide = await timed(WIDE, () => fetch(WIDTH));
  report.note(topics, `… of ${WIDTH} topics`, quantile(wide, 0.5), quantile(wide, 0.99));
}

/** How long the recovery takes that asks which topics lag, after the offsets of most have been committed. */
export async function measureLag(log: LogEngine, topics: number, report: Report): Promise<void> {
  const began = performance.now();
  for (let start = 0; start < topics; start += PAGE) {
    const page = Array.from({ length: Math.min(PAGE, topics - start) }, (_, index) => start + index);
    const kept = page.filter((index) => index % LAGGING !== 0);
    const ends = await log.offsets(
      kept.map((index) => ({ topic: topicOf(index), partition: 0 })),
      "latest",
    );
    await log.commit(GROUP, ends);
  }
  report.note(topics, "offsets of all topics looked up and committed, ms", performance.now() - began);
  const recovery = performance.now();
  let lagging = 0;
  for (let after: string | null = ""; after !== null; ) {
    const page = await log.lagging(GROUP, after, PAGE);
    lagging += page.items.length;
    after = page.next;
  }
  report.note(topics, "recovery: which topics lag, ms", performance.now() - recovery);
  report.note(topics, "… so many do", lagging);
}

function someOf(topics: number, count: number): string[] {
  return Array.from({ length: count }, () => topicOf(Math.floor(Math.random() * topics)));
}
