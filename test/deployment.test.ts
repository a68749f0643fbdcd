import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkDeployment } from "../scripts/system/deployment.ts";
import { LAYERS } from "../scripts/system/project.ts";

/** The prefix of the Redis keys that switch fault points on. */
const FAULT_KEY = /["'`]fault:/;

describe("a deployment", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "edge-im-deployment-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(LAYERS)("of %s bundles, without fault points", async (layer) => {
    expect(await checkDeployment(layer, join(folder, layer))).toBeNull();
    const bundle = await readFile(join(folder, layer, "main.js"), "utf8");
    expect(bundle.match(FAULT_KEY)).toBeNull();
  });
});
