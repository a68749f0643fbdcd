import { readFileSync } from "node:fs";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { transformWithOxc } from "vite";
import { defineConfig } from "vitest/config";

/** The logic that the buckets are bound to, as the JavaScript that workerd runs. */
const logicWorker = await transformWithOxc(
  readFileSync(`${import.meta.dirname}/testing/logic-worker.ts`, "utf8"),
  "logic-worker.ts",
);

/** The tests of the bucket in the Workers runtime itself, with a logic whose results the tests choose, and bounds that are easy to reach. */
export default defineConfig({
  plugins: [
    cloudflareTest({
      main: "./testing/main.ts",
      additionalExports: { Bucket: "DurableObject", TestLogic: "WorkerEntrypoint" },
      miniflare: {
        compatibilityDate: "2026-08-01",
        compatibilityFlags: ["nodejs_compat"],
        durableObjects: { BUCKETS: { className: "Bucket", useSQLite: true } },
        serviceBindings: { LOGIC: "logic" },
        bindings: {
          PUSH_RATE: "100",
          PUSH_BURST: "5",
          SOCKET_FRAME_RATE: "1",
          SOCKET_FRAME_BURST: "400",
          SOCKET_BYTE_RATE: "1",
          SOCKET_BYTE_BURST: "200000",
          ACCOUNT_FRAME_RATE: "1",
          ACCOUNT_FRAME_BURST: "600",
          ACCOUNT_BYTE_RATE: "1",
          ACCOUNT_BYTE_BURST: "300000",
          MAX_SOCKETS_PER_BUCKET: "120",
          MAX_SOCKETS_PER_ACCOUNT: "20",
          MAX_INBOUND_BYTES_PER_SOCKET: "110000",
          MAX_INBOUND_BYTES_PER_BUCKET: "250000",
          MAX_OUTBOUND_BYTES_PER_BUCKET: "5000",
          GRACE_SECONDS: "10",
          SOCKET_IDLE_SECONDS: "180",
          VERIFY_SECONDS: "300",
        },
        workers: [
          {
            name: "logic",
            compatibilityDate: "2026-08-01",
            modules: [{ type: "ESModule", path: "logic-worker.js", contents: logicWorker.code }],
            serviceBindings: {
              TESTS: { name: "vitest-plugin-runner-buckets", entrypoint: "TestLogic" },
            },
          },
        ],
      },
    }),
  ],
  test: {
    name: "buckets",
    root: import.meta.dirname,
    include: ["**/*.workers.test.ts"],
    testTimeout: 30_000,
  },
});
