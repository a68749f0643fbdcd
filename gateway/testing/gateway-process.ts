import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { SECRETS } from "./test-gateway.ts";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
/** Starts the gateway as a process with its secrets and these settings, on a free port unless one is set. */
export function spawnGateway(settings: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, [MAIN], { env: { GATEWAY_PORT: "0", ...SECRETS, ...settings } });
}

/** Waits until the process has ended; returns its exit code and what it said to its user. */
export async function endOf(child: ChildProcess): Promise<{ code: number | null; said: string }> {
  const chunks: string[] = [];
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => chunks.push(chunk));
  // What it logs is read, so that it never waits for that.
  if (child.stdout?.readableFlowing === null) child.stdout.resume();
  const [code] = await once(child, "close");
  return { code, said: chunks.join("").trim() };
}
