import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type System, startSystem } from "../../harness/system.ts";
import type { Variant } from "./variants.ts";

/** The settings that the benchmark changes. */
const SETTINGS = {
  // Cheap registrations: password hashing is not measured.
  PASSWORD_COST: "1024",
  // The operations of cron would be counted as those of the messages.
  CRON_SECONDS: "86400",
};

/** Starts a system, uses it, and always ends and removes it. */
export async function withSystem<Value>(
  use: (system: System) => Promise<Value>,
  { env = {}, program = "start" }: Partial<Pick<Variant, "env" | "program">> = {},
): Promise<Value> {
  const dataDir = await mkdtemp(join(tmpdir(), "edge-im-bench-"));
  try {
    const system = await startSystem({ dataDir, program, env: { ...SETTINGS, ...env } });
    try {
      return await use(system);
    } finally {
      await system.remove();
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The warnings and errors in a system's log. */
export async function complaintsOf(system: System): Promise<string[]> {
  const lines = (await system.log()).split("\n");
  return lines.filter((line) => /^[0-9:]{8} \S+ +(?:warning|error) /.test(line));
}
