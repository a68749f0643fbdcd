import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { withLoad } from "../load/generator.ts";
import { table } from "../report/table.ts";
import type { Bench } from "../run.ts";
import { WARM_UP } from "../scenarios.ts";
import { withSystem } from "../system/bench-system.ts";
import { type Timeline, timelineOf } from "./timeline.ts";
import { TRACE_FILE, type TracedRequest } from "./trace.ts";

const MESSAGES = 200;

/** The timeline, and the violations meanwhile. */
export type Where = { timeline: Timeline; violations: string[] };

/** Follows the messages of one idle pair through a separate system whose gateway traces every request. */
export async function runWhere({ flags, say, over }: Bench): Promise<Where> {
  const folder = await mkdtemp(join(tmpdir(), "edge-im-trace-"));
  const file = join(folder, "requests.jsonl");
  const trace = pathToFileURL(join(import.meta.dirname, "trace.ts"));
  try {
    say("starting a system that is traced");
    const env = { NODE_OPTIONS: `--import=${trace}`, [TRACE_FILE]: file };
    const { followed, violations } = await withSystem(
      (system) =>
        withLoad(over, async (load) => {
          say("gathering 100 people");
          const gathered = await load.do({
            kind: "gather",
            url: system.url,
            deflate: flags.deflate,
            sockets: {},
          });
          const warmed = await load.do(WARM_UP);
          say(`following ${MESSAGES} messages`);
          const { followed, violations } = await load.do({ kind: "follow", messages: MESSAGES });
          const verified = await load.do({ kind: "verify" });
          const results = [gathered, warmed, { violations }, verified];
          return { followed, violations: results.flatMap((result) => result.violations) };
        }),
      { env },
    );
    const lines = (await readFile(file, "utf8")).trim().split("\n");
    const requests = lines.map((line): TracedRequest => JSON.parse(line));
    return { timeline: timelineOf(followed, requests), violations };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The timeline as a table, and the share of each store until receipt. */
export function whereTable({ steps, messages, of }: Timeline): string {
  let lastEnd = 0;
  const rows = steps.map(({ label, startedAt, endedAt }) => {
    const before = startedAt - lastEnd;
    const isRequest = endedAt > startedAt;
    if (isRequest) lastEnd = Math.max(lastEnd, endedAt);
    return [label, ms(startedAt), before > 0 ? ms(before) : "", isRequest ? ms(endedAt - startedAt) : ""];
  });
  const head = ["", "at ms", "since the last response", "in the gateway"];
  return [
    table([head, ["sent", ms(0)], ...rows]),
    "",
    `  Medians of the ${messages} of ${of} messages that took these steps. Until received: ${shares(steps)}.`,
  ].join("\n");
}

function shares(steps: Timeline["steps"]): string {
  const received = steps.find(({ label }) => label === "received")?.startedAt ?? 0;
  const stores = new Map<string, number>();
  for (const { label, startedAt, endedAt } of steps) {
    if (startedAt >= received || endedAt === startedAt) continue;
    const store = label.split(" ")[0] ?? label;
    stores.set(store, (stores.get(store) ?? 0) + endedAt - startedAt);
  }
  const inStores = [...stores.values()].reduce((sum, each) => sum + each, 0);
  const parts = [...stores].map(([store, each]) => `${store} ${ms(each)}`);
  return [...parts, `all else ${ms(received - inStores)} of ${ms(received)} ms`].join(", ");
}

function ms(value: number): string {
  return value.toFixed(2);
}
