import { join, resolve } from "node:path";

/** The root of the project. */
export const ROOT = resolve(import.meta.dirname, "../..");

/** The layers in the order of their deployment: a Worker after those that it calls, as far as the ring allows. */
export const LAYERS = ["connect", "task", "logic", "api"] as const;
export type Layer = (typeof LAYERS)[number];

/** The path of a layer's configuration. */
export function layerConfig(layer: Layer): string {
  return layer === "api" ? join(ROOT, "wrangler.toml") : join(ROOT, "workers", layer, "wrangler.toml");
}

/** The scripts with which Node runs the programs of the dependencies. */
export const programs = {
  wrangler: join(ROOT, "node_modules/wrangler/bin/wrangler.js"),
  vite: join(ROOT, "node_modules/vite/bin/vite.js"),
  vitest: join(ROOT, "node_modules/vitest/vitest.mjs"),
} as const;
