import type { Change } from "./change.ts";
import { reduce } from "./reduce.ts";
import type { State } from "./state.ts";

/** The state of one signed-in person, changed by reduction and watched by the screen. */
export class Store {
  #state: State;
  readonly #listeners = new Set<() => void>();

  constructor(state: State) {
    this.#state = state;
  }

  readonly state = (): State => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Applies changes in order; the screen sees them all at once. */
  apply(...changes: Change[]): void {
    const next = changes.reduce(reduce, this.#state);
    if (next === this.#state) return;
    this.#state = next;
    for (const listener of this.#listeners) listener();
  }
}
