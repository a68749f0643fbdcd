import { defineConfig } from "vitest/config";

export default defineConfig({
  // A new database takes a second or two to make, and each file of tests makes its own.
  test: { environment: "node", include: ["**/*.test.ts"], testTimeout: 30_000, hookTimeout: 60_000 },
});
