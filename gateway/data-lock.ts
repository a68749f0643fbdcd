import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Another process works on the same data folder. */
export class DataInUse extends Error {
  override readonly name = "DataInUse";

  constructor(dataDir: string) {
    super(
      `Another gateway already uses the data folder ${dataDir}: stop it, or set DATA_DIR to another folder`,
    );
  }
}

/** Holds the data folder for one process. Letting go by hand is for a clean end: the system does it for a killed one. */
export interface DataLock {
  release(): void;
}

/**
 * Takes the data folder for this process alone, and makes it where there is none. An open write transaction of SQLite
 * is a lock of the operating system: it goes with the process, however that ends, so there is no stale lock to judge.
 */
export function lockDataDir(dataDir: string): DataLock {
  mkdirSync(dataDir, { recursive: true });
  const lock = new DatabaseSync(join(dataDir, "gateway.lock"));
  try {
    lock.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    if (error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY)
      throw new DataInUse(dataDir);
    throw error;
  }
  return { release: () => lock.close() };
}

const SQLITE_BUSY = 5;
