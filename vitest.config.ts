import { defineConfig } from "vitest/config";

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
        },
      },
      "gateway/vitest.config.ts",
      "web/vite.config.ts",
      "durable-objects/vitest.config.ts",
      {
        // The started system from outside. One at a time: each file starts its own, and some measure.
        test: {
          name: "system",
          environment: "node",
          include: ["test/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
