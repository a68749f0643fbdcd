import type { Load } from "./load.ts";

/** What `npm run bench -- --runs 5 --only idle,pairs,group` has counted, for `npm run cost` without a file: medians. */
export const COUNTED: { date: string; loads: readonly Load[] } = {
  date: "2026-11-30",
  loads: [
    {
      name: "1 pair, idle",
      deliveries: 2,
      acceptedMs: 7.67,
      workersCpuMs: 10.3,
      storesCpuMs: 11.8,
      operations: { "Redis commands": 12, "logic: submits": 1, "connect: bucketCalls": 2 },
    },
    {
      name: "50 pairs, 10 under way in each",
      deliveries: 2,
      acceptedMs: 50.9,
      workersCpuMs: 0.171,
      storesCpuMs: 0.15,
      operations: { "Redis commands": 0.542, "logic: submits": 0.0304, "connect: bucketCalls": 0.026 },
    },
    {
      name: "group of 100, 10 under way",
      deliveries: 100,
      acceptedMs: 9.14,
      workersCpuMs: 2.29,
      storesCpuMs: 1.48,
      operations: { "Redis commands": 2.94, "logic: submits": 0.771, "connect: bucketCalls": 0.592 },
    },
    {
      name: "group of 100, 50 under way",
      deliveries: 100,
      acceptedMs: 18.5,
      workersCpuMs: 0.819,
      storesCpuMs: 0.518,
      operations: { "Redis commands": 0.764, "logic: submits": 0.19, "connect: bucketCalls": 0.143 },
    },
  ],
};
