import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { type Layer, layerConfig, programs, ROOT } from "./project.ts";

/** The arguments of Node that deploy a Worker by its configuration file. */
export function wranglerDeploy(config: string, options: readonly string[] = []): string[] {
  return [programs.wrangler, "deploy", "--config", config, ...options];
}

/** Whether wrangler can build a Worker, and what it has printed. */
export type DeploymentCheck = { ok: boolean; output: string };

/** Builds a Worker into a folder as a deployment does, and checks it. */
export async function checkDeployment(layer: Layer, folder: string): Promise<DeploymentCheck> {
  // The check does not need the API's assets, but their folder must exist.
  await mkdir(join(ROOT, "dist/web"), { recursive: true });
  const options = ["--dry-run", "--outdir", folder];
  const { failed, all } = await execa(process.execPath, wranglerDeploy(layerConfig(layer), options), {
    env: { WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true", WRANGLER_WRITE_LOGS: "false" },
    stdin: "ignore",
    all: true,
    reject: false,
  });
  return { ok: !failed, output: all };
}
