/**
 * Loaded into every program of the system before its own code, and, because Node's arguments are inherited, into the
 * Node processes that it starts. When the starter of a process is gone, for any reason, the process ends its whole group.
 */
import { isMainThread } from "node:worker_threads";
import { whenParentGone } from "./parent.ts";

/** How long the group may take to end by itself. */
const GRACE_MS = 3_000;

if (isMainThread) whenParentGone(endGroup);

function endGroup(): void {
  // Without a handler the signal would end this process before it can kill the processes that ignore the signal.
  process.on("SIGTERM", () => {});
  process.on("exit", killGroup);
  process.kill(0, "SIGTERM");
  setTimeout(killGroup, GRACE_MS);
}

function killGroup(): void {
  process.kill(0, "SIGKILL");
}
