/** Lets calls that must not overlap take turns, in the order in which they asked. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take<Value>(call: () => Promise<Value>): Promise<Value> {
    const turn = this.#last.then(call, call);
    // Whoever comes next waits for the end, not for the success; the fault is the caller's.
    this.#last = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }
}
