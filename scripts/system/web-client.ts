import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import type { ConsoleLog } from "./console-log.ts";
import { newestChange } from "./newest-change.ts";
import { programs, ROOT } from "./project.ts";

/** The folder of the built client. */
export const WEB_CLIENT = join(ROOT, "dist/web");
const SOURCES = [join(ROOT, "web"), join(ROOT, "schema/wire"), join(ROOT, "package-lock.json")];

/** Builds the web client when it is missing or older than its sources. A failed build is logged, not thrown. */
export async function buildWebClient(log: ConsoleLog, over: AbortSignal): Promise<void> {
  if ((await newestChange(join(WEB_CLIENT, "index.html"))) > (await newestChange(...SOURCES))) return;
  // wrangler needs the folder even when the build fails.
  await mkdir(WEB_CLIENT, { recursive: true });
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
