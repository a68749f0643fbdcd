import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type System, startSystem } from "../../harness/system.ts";

/** What the benchmark changes of the settings. */
const SETTINGS = {
  // A hundred people register, and how well their passwords are kept is not what is measured.
  PASSWORD_COST: "1024",
  // What cron asks of the stores would count as the messages' own.
  CRON_SECONDS: "86400",
};

/** Starts a system, does something with it, and ends and removes it, however that went. */
export async function withSystem<Value>(
  use: (system: System) => Promise<Value>,
  env: Readonly<Record<string, string>> = {},
): Promise<Value> {
  const dataDir = await mkdtemp(join(tmpdir(), "edge-im-bench-"));
  try {
    const system = await startSystem({ dataDir, env: { ...SETTINGS, ...env } });
    try {
      return await use(system);
    } finally {
      await system.stop();
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The warnings and errors among what a system has said. */
export async function complaintsOf(system: System): Promise<string[]> {
  const lines = (await system.log()).split("\n");
  return lines.filter((line) => /^[0-9:]{8} \S+ +(?:warning|error) /.test(line));
}
