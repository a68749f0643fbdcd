import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

/** The files of tests of the started system that say that they can share one. */
const SHARING = globSync("test/**/*.test.ts", { cwd: import.meta.dirname }).filter((file) =>
  readFileSync(join(import.meta.dirname, file), "utf8").includes("useSharedSystem("),
);

/** How long a poll waits for what a loaded machine is late with. It ends as soon as the value is there. */
const PATIENT = { poll: { timeout: 20_000 } };

export default defineConfig({
  test: {
    projects: [
      {
        // The pure cores, each test beside its file.
        test: {
          name: "unit",
          environment: "node",
          include: ["{schema,lib,operations,durable-objects,workers,scripts}/**/*.test.ts"],
          exclude: ["**/*.workers.test.ts"],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          expect: PATIENT,
        },
      },
      "gateway/vitest.config.ts",
      "gateway/vitest.real.config.ts",
      "web/vite.config.ts",
      "durable-objects/vitest.config.ts",
      {
        // The started system from outside, by files that only do what clients do: one system for all, side by side.
        test: {
          name: "shared",
          environment: "node",
          include: SHARING,
          globalSetup: "test/harness/shared-system.ts",
          // Most of their time they wait, for one system on the same processors.
          maxWorkers: 4,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          expect: PATIENT,
        },
      },
      {
        // The started system from outside. One at a time: each file starts its own, and some measure.
        test: {
          name: "system",
          environment: "node",
          include: ["test/**/*.test.ts"],
          exclude: SHARING,
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          expect: PATIENT,
        },
      },
    ],
  },
});
