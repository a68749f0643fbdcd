import { cloudflareTest } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";

/** The tests of the bucket, in the Workers runtime itself, beside a logic Worker that the tests lead. */
export default defineConfig({
  plugins: [
    cloudflareTest({
      main: "./testing/main.ts",
      miniflare: {
        compatibilityDate: "2026-08-01",
        compatibilityFlags: ["nodejs_compat"],
        durableObjects: {
          BUCKETS: { className: "Bucket", useSQLite: true },
        },
      },
    }),
  ],
  test: { name: "buckets", root: import.meta.dirname, include: ["**/*.workers.test.ts"] },
});
