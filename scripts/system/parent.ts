const EVERY_MS = 250;

/** The parent of this process. Read at load: when the parent ends, the process gets another one. */
const PARENT = process.ppid;

/** Calls `act` once when the parent of this process has ended. Does not keep this process alive. */
export function whenParentGone(act: () => void): void {
  const timer = setInterval(() => {
    if (process.ppid === PARENT) return;
    clearInterval(timer);
    act();
  }, EVERY_MS);
  timer.unref();
}
