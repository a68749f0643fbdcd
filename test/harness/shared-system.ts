import type { TestProject } from "vitest/node";
import { startSystem } from "./system.ts";

/** Starts the system of `useSharedSystem` before the first test file, and removes it after the last. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const system = await startSystem({
    env: {
      PASSWORD_COST: "1024",
      GRACE_SECONDS: "2",
    },
  });
  project.provide("sharedSystem", { url: system.url, logFile: system.logFile });
  return () => system.remove();
}
