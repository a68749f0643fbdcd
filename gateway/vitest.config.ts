import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "gateway",
    environment: "node",
    include: ["**/*.test.ts"],
    exclude: ["**/*.real.test.ts"],
    // Each test file creates its own database, which takes a second or two.
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
