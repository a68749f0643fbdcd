import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import type { ConsoleLog } from "./console-log.ts";
import { programs, ROOT } from "./project.ts";

const BUILT = join(ROOT, "dist/web");
const SOURCES = [join(ROOT, "web"), join(ROOT, "schema/wire"), join(ROOT, "package-lock.json")];

/** Builds the web client when it is missing or older than its sources. A failed build is logged, not thrown. */
export async function buildWebClient(log: ConsoleLog, over: AbortSignal): Promise<void> {
  const built = await newest(join(BUILT, "index.html"));
  const sources = Math.max(...(await Promise.all(SOURCES.map(newest))));
  if (built > sources) return;
  // wrangler needs the folder even when the build fails.
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
  // The API works without the client, and a client under development may be broken for a while.
  if (build.failed) log.say("web", `the client could not be built\n${build.all}`, "error");
}

/** When a file, or the newest file in a folder, was changed (ms since the epoch); 0 when there is none. */
async function newest(path: string): Promise<number> {
  const entry = await stat(path).catch(() => null);
  if (entry === null) return 0;
  if (!entry.isDirectory()) return entry.mtimeMs;
  const within = await readdir(path);
  return Math.max(0, ...(await Promise.all(within.map((name) => newest(join(path, name))))));
}
