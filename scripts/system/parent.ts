const EVERY_MS = 250;

/** The process that started this one, read before anything else takes its time: later it may be another already. */
const PARENT = process.ppid;

/** Calls `act` once when the process that started this one is gone. Keeps nothing alive. */
export function whenParentGone(act: () => void): void {
  const timer = setInterval(() => {
    if (process.ppid === PARENT) return;
    clearInterval(timer);
    act();
  }, EVERY_MS);
  timer.unref();
}
