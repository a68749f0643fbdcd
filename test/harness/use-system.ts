import { readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, inject } from "vitest";
import { type System, type SystemOptions, startSystem } from "./system.ts";

/** The system that `shared-system.ts` has started. */
export type SharedSystem = {
  /** The address for clients. */
  url: string;
  /** The file with its whole output. */
  logFile: string;
};

declare module "vitest" {
  interface ProvidedContext {
    sharedSystem: SharedSystem;
  }
}

/**
 * One started system for a test file, with its own settings; the tests may stop and kill it. Its log is printed when a test
 * fails. Such a file runs alone.
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
 * The system shared by all test files that call this. They run concurrently, so they may only do what clients can, with
 * people they register themselves. Its settings are in `shared-system.ts`. The log printed when a test fails contains the
 * lines of all files.
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
