import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StartError } from "./start-error.ts";

/** Another process uses the data folder. */
export class DataInUse extends StartError {
  override readonly name = "DataInUse";

  constructor(dataDir: string) {
    super(
      `Another gateway already uses the data folder ${dataDir}: stop it, or set DATA_DIR to another folder`,
    );
  }
}

/** A lock on the data folder. `release` is for a clean end; the operating system releases it after a kill. */
export interface DataLock {
  release(): void;
}

/**
 * Locks the data folder for this process; creates it when it is missing. An open write transaction of SQLite is a lock
 * of the operating system, which ends with the process, so there are no stale locks.
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
