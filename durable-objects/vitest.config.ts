import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { kCurrentWorker } from "miniflare";
import { defineConfig } from "vitest/config";

/** The tests of the bucket in the Workers runtime itself, with a logic that the tests lead and bounds easy to reach. */
export default defineConfig({
  plugins: [
    cloudflareTest({
      main: "./testing/main.ts",
      additionalExports: { Bucket: "DurableObject", TestLogic: "WorkerEntrypoint" },
      miniflare: {
        compatibilityDate: "2026-11-02",
        compatibilityFlags: ["nodejs_compat"],
        durableObjects: { BUCKETS: { className: "Bucket", useSQLite: true } },
        serviceBindings: { LOGIC: { name: kCurrentWorker, entrypoint: "TestLogic" } },
        bindings: {
          PUSH_RATE: "100",
          PUSH_BURST: "5",
          FRAME_RATE: "1",
          FRAME_BURST: "30",
          GRACE_SECONDS: "10",
          SOCKET_IDLE_SECONDS: "180",
          MAX_SOCKETS: "8",
          MAX_QUEUED_BYTES: "500",
        },
      },
    }),
  ],
  test: { name: "buckets", root: import.meta.dirname, include: ["**/*.workers.test.ts"] },
});
