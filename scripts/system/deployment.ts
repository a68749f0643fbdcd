import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { type Layer, layerConfig, programs, ROOT } from "./project.ts";

/** The arguments with which Node deploys a Worker by its configuration. */
export function wranglerDeploy(config: string, options: readonly string[] = []): string[] {
  return [programs.wrangler, "deploy", "--config", config, ...options];
}

/** Builds a Worker into a folder as a deployment would, and checks it; answers what is wrong, or null. */
export async function checkDeployment(layer: Layer, folder: string): Promise<string | null> {
  // The API's assets need not be built to be checked, but their folder must be there.
  await mkdir(join(ROOT, "dist/web"), { recursive: true });
  const options = ["--dry-run", "--outdir", folder];
  const { failed, all } = await execa(process.execPath, wranglerDeploy(layerConfig(layer), options), {
    env: { WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true", WRANGLER_WRITE_LOGS: "false" },
    stdin: "ignore",
    all: true,
    reject: false,
  });
  return failed ? all : null;
}
