import { defineConfig } from "vitest/config";

export default defineConfig({
  // A new PGlite database takes seconds to make, and each file of tests makes its own.
  test: { environment: "node", include: ["**/*.test.ts"], testTimeout: 30_000, hookTimeout: 60_000 },
});
