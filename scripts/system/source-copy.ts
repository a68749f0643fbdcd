import { cp, mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "./project.ts";

const SOURCES = [
  "schema",
  "lib",
  "operations",
  "durable-objects",
  "workers",
  "dist/web",
  "tsconfig.json",
  "tsconfig.base.json",
];

/**
 * Copies the sources of the Workers into a folder, so that edits do not change a running system; returns the folder. A
 * link to `node_modules` gives the copy its dependencies.
 */
export async function copySources(folder: string): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, "dist"), { recursive: true });
  await Promise.all(
    SOURCES.map((source) => cp(join(ROOT, source), join(folder, source), { recursive: true })),
  );
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return folder;
}
