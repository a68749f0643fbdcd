import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** When the newest of these files, and of the files in these folders, was changed (ms since the epoch); 0 when there is none. */
export async function newestChange(...paths: readonly string[]): Promise<number> {
  return Math.max(0, ...(await Promise.all(paths.map(changeOf))));
}

async function changeOf(path: string): Promise<number> {
  const entry = await stat(path).catch(() => null);
  if (entry === null) return 0;
  if (!entry.isDirectory()) return entry.mtimeMs;
  return await newestChange(...(await readdir(path)).map((name) => join(path, name)));
}
