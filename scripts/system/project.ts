import { join, resolve } from "node:path";

/** The root of the project. */
export const ROOT = resolve(import.meta.dirname, "../..");

/** The layers, in the order in which they are deployed: a Worker after those it calls where that can be. */
export const LAYERS = ["connect", "task", "logic", "api"] as const;
export type Layer = (typeof LAYERS)[number];

/** Where a layer's configuration lies, in the project or in a copy of it. */
export function layerConfig(layer: Layer, root = ROOT): string {
  return layer === "api" ? join(root, "wrangler.toml") : join(root, "workers", layer, "wrangler.toml");
}

/** A program that came with the dependencies, as what Node is to run. */
export const programs = {
  wrangler: join(ROOT, "node_modules/wrangler/bin/wrangler.js"),
  vite: join(ROOT, "node_modules/vite/bin/vite.js"),
  vitest: join(ROOT, "node_modules/vitest/vitest.mjs"),
} as const;
