/**
 * Calls `end` once when this process is to end: Ctrl-C, a polite kill, a closed terminal, or the end of the process that
 * started it with a channel of its own (a test). Whoever insists gets `kill` and the end at once.
 */
export function onEndSignal(end: () => void, kill: () => void): void {
  let asked = false;
  const hear = () => {
    if (asked) {
      kill();
      process.exit(130);
    }
    asked = true;
    end();
  };
  process.on("SIGINT", hear);
  process.on("SIGTERM", hear);
  process.once("SIGHUP", hear);
  process.once("disconnect", hear);
}
