import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import type { ConsoleLog } from "./console-log.ts";
import { programs, ROOT } from "./project.ts";

const BUILT = join(ROOT, "dist/web");
const SOURCES = [join(ROOT, "web"), join(ROOT, "schema/wire"), join(ROOT, "package-lock.json")];

/** Builds the web client when there is none, or when its sources are newer. One that cannot be built is told, no more. */
export async function buildWebClient(log: ConsoleLog, over: AbortSignal): Promise<void> {
  const built = await newest(join(BUILT, "index.html"));
  const sources = Math.max(...(await Promise.all(SOURCES.map(newest))));
  if (built > sources) return;
  // wrangler asks for the folder even when the build fails.
  await mkdir(BUILT, { recursive: true });
  log.say("web", "building the client");
  const build = await execa(process.execPath, [programs.vite, "build", "web"], {
    cwd: ROOT,
    stdin: "ignore",
    all: true,
    reject: false,
    cancelSignal: over,
  });
  over.throwIfAborted();
  // The API is of use without it, and a client that somebody is working on may be broken for a while.
  if (build.failed) log.say("web", `the client could not be built\n${build.all}`, "error");
}

/** When the newest file in a folder, or the file itself, was changed; 0 when there is none. */
async function newest(path: string): Promise<number> {
  const entry = await stat(path).catch(() => null);
  if (entry === null) return 0;
  if (!entry.isDirectory()) return entry.mtimeMs;
  const within = await readdir(path);
  return Math.max(0, ...(await Promise.all(within.map((name) => newest(join(path, name))))));
}
