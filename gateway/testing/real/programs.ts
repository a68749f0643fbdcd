import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * The path of a program of a real server, or undefined when it is not installed: tests on that server are skipped then.
 * Throws in CI, where all must be installed.
 */
export function findProgram(name: string, furtherFolders: readonly string[] = []): string | undefined {
  const folders = [...furtherFolders, ...(process.env.PATH ?? "").split(delimiter)];
  const found = folders.map((folder) => join(folder, name)).find(isExecutable);
  if (found === undefined && process.env.CI === "true") throw new Error(`${name} is not installed`);
  return found;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
