import { whenParentGone } from "./parent.ts";

/** npm passes on to its script what the terminal has sent to both: the same Ctrl-C comes twice. */
const ECHO_MS = 1_000;

/**
 * Calls `end` once when this process is to end: Ctrl-C, a polite kill, a closed terminal, or the end of what started
 * it, be that npm or a test with a channel to it. A later, second signal calls `kill` and ends the process at once.
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
  // Only npm's end is meant: what a shell has put into the background outlives the shell.
  if (process.env.npm_lifecycle_event !== undefined) whenParentGone(endOnce);
}
