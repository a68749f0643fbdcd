import { whenParentGone } from "./parent.ts";

/** The terminal sends Ctrl-C to npm and to its script, and npm forwards it: the script gets it twice within this time. */
const ECHO_MS = 1_000;

/**
 * Calls `end` once when this process should end: on SIGINT (Ctrl-C), SIGTERM, a closed terminal, or when its starter has
 * ended, which is npm or a test with an IPC channel. A second, later signal calls `kill` and ends the process at once.
 */
export function onEndSignal(end: () => void, kill: () => void): void {
  let endingSince: number | undefined;
  const endOnce = () => {
    if (endingSince !== undefined) return;
    endingSince = performance.now();
    end();
  };
  const onSignal = () => {
    if (endingSince !== undefined && performance.now() - endingSince > ECHO_MS) {
      kill();
      process.exit(130);
    }
    endOnce();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  process.on("SIGHUP", endOnce);
  process.once("disconnect", endOnce);
  // Only under npm: a program that a shell runs in the background must outlive the shell.
  if (process.env.npm_lifecycle_event !== undefined) whenParentGone(endOnce);
}
