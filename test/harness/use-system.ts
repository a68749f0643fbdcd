import { readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, inject } from "vitest";
import { type System, type SystemOptions, startSystem } from "./system.ts";

/** What is known of the system that `shared-system.ts` has started. */
export type SharedSystem = {
  /** Where clients reach it. */
  url: string;
  /** The file that holds all that it has said. */
  logFile: string;
};

declare module "vitest" {
  interface ProvidedContext {
    sharedSystem: SharedSystem;
  }
}

/**
 * One started system for a file of tests, with settings of its own, to be stopped and hurt. Its log is printed when a
 * test fails. Such a file runs alone.
 */
export function useSystem(options: SystemOptions = {}): () => System {
  let system: System | undefined;

  beforeAll(async () => {
    system = await startSystem(options);
  });

  printLogOfFailures(() => system?.logFile);

  afterAll(async () => {
    await system?.remove();
  });

  return () => {
    if (system === undefined) throw new Error("the system runs in tests only");
    return system;
  };
}

/**
 * The system that all files of tests share that call this, and run beside one another: they may use what clients may,
 * with people of their own. Its settings are in `shared-system.ts`. The log that is printed when a test fails is of all.
 */
export function useSharedSystem(): () => Pick<SharedSystem, "url"> {
  const system = inject("sharedSystem");
  printLogOfFailures(() => system.logFile);
  return () => system;
}

function printLogOfFailures(logFile: () => string | undefined): void {
  let printed = 0;

  beforeAll(async () => {
    printed = (await readLog(logFile())).length;
  });

  afterEach(async ({ task }) => {
    if (task.result?.state !== "fail") return;
    const log = await readLog(logFile());
    console.error(`The system's log, up to the end of "${task.name}":\n${log.slice(printed)}`);
    printed = log.length;
  });
}

async function readLog(file: string | undefined): Promise<string> {
  return file === undefined ? "" : await readFile(file, "utf8");
}
