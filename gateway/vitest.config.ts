import { defineConfig } from "vitest/config";

export default defineConfig({
  // Each test file creates its own database, which takes a second or two.
  test: { environment: "node", include: ["**/*.test.ts"], testTimeout: 30_000, hookTimeout: 60_000 },
});
