/** Runs calls one after the other, in the order in which they came. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve();

  run<Value>(call: () => Promise<Value>): Promise<Value> {
    const run = this.#last.then(call);
    // The next call waits for the end of this one, not for its success; the fault is the caller's.
    this.#last = run.catch(() => undefined);
    return run;
  }
}
