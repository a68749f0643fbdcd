import { afterAll, afterEach, beforeAll } from "vitest";
import { type System, type SystemOptions, startSystem } from "./system.ts";

/** One started system for a file of tests. What it says is printed when one of them fails. */
export function useSystem(options: SystemOptions = {}): () => System {
  let system: System | undefined;
  let printed = 0;

  beforeAll(async () => {
    system = await startSystem(options);
  });

  afterEach(async ({ task }) => {
    if (task.result?.state !== "fail" || system === undefined) return;
    const log = await system.log();
    console.error(`The system's log, up to the end of "${task.name}":\n${log.slice(printed)}`);
    printed = log.length;
  });

  afterAll(async () => {
    await system?.remove();
  });

  return () => {
    if (system === undefined) throw new Error("the system runs in tests only");
    return system;
  };
}
