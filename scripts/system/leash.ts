/**
 * Loaded into every program of the system before its own code, and by inheritance of Node's arguments into the Node
 * processes below it: when the one that started it is gone, however that ended, its whole process group ends too.
 */
import { isMainThread } from "node:worker_threads";
import { whenParentGone } from "./parent.ts";

/** How long the group may take to end by itself. */
const PATIENCE_MS = 3_000;

if (isMainThread) whenParentGone(endGroup);

function endGroup(): void {
  // Without a handler the signal would end this process, and nobody would be left to end the stubborn ones.
  process.on("SIGTERM", () => {});
  process.on("exit", killGroup);
  process.kill(0, "SIGTERM");
  setTimeout(killGroup, PATIENCE_MS);
}

function killGroup(): void {
  process.kill(0, "SIGKILL");
}
