import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkDeployment } from "../../scripts/system/deployment.ts";
import { LAYERS, type Layer } from "../../scripts/system/project.ts";

/** The prefix of the Redis keys that switch fault points on. */
const FAULT_KEY = /["'`]fault:/;

/** A line of wrangler's table of bindings: the name, what it is bound to, and the kind of that. */
const BINDING = /^env\.(?<name>\w+)(?: \((?<target>.*)\))? {2,}(?<kind>\S.*?) *$/gm;

/** All that is bound, but variables. */
const BOUND: Record<Layer, string[]> = {
  connect: ["BUCKETS = Durable Object Bucket", "LOGIC = Worker edge-im-logic"],
  task: [
    "CONNECT = Worker edge-im-connect",
    "DRAIN_QUEUE = Queue edge-im-drain",
    "MEDIA = R2 Bucket edge-im-media",
    "SELF = Worker edge-im-task",
  ],
  logic: ["DRAIN_QUEUE = Queue edge-im-drain", "TASK = Worker edge-im-task"],
  api: [
    "ADDRESS_LIMIT = Rate Limit 3000 requests/60s",
    "CONNECT = Worker edge-im-connect",
    "IMAGES = Images",
    "LOGIC = Worker edge-im-logic",
    "MEDIA = R2 Bucket edge-im-media",
    "TASK = Worker edge-im-task",
  ],
};

describe("a deployment", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "edge-im-deployment-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(LAYERS)("of %s bundles with its bindings, without fault points", async (layer) => {
    const { ok, output } = await checkDeployment(layer, join(folder, layer));
    expect(ok, output).toBe(true);
    expect(bindingsIn(output)).toEqual(BOUND[layer]);
    const bundle = await readFile(join(folder, layer, "main.js"), "utf8");
    expect(bundle.match(FAULT_KEY)).toBeNull();
  });
});

/** The bindings that wrangler has listed, but variables, in the order of their names. */
function bindingsIn(output: string): string[] {
  return [...stripVTControlCharacters(output).matchAll(BINDING)]
    .map(({ groups: { name, target, kind } = {} }) => [`${name} = ${kind}`, target].filter(Boolean).join(" "))
    .filter((binding) => !binding.includes("= Environment Variable"))
    .toSorted();
}
