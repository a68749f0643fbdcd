interface Entry<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Gathers the items that arrive in one turn of the event loop and commits them together, so that many writers share one
 * flush to disk. There is no timer: a single item is committed in the turn in which it arrived.
 */
export class GroupCommit<Item, Result> {
  readonly #commit: (items: readonly Item[]) => readonly Result[];
  #waiting: Entry<Item, Result>[] = [];

  /** `commit` writes all items in one transaction and returns a result for each, or throws and writes none. */
  constructor(commit: (items: readonly Item[]) => readonly Result[]) {
    this.#commit = commit;
  }

  /** How many items wait to be committed. */
  get length(): number {
    return this.#waiting.length;
  }

  /** Resolves when the item has been committed. */
  submit(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.push({ item, resolve, reject }) === 1) setImmediate(() => this.flush());
    });
  }

  /** Commits the gathered items now. */
  flush(): void {
    const entries = this.#waiting;
    if (entries.length === 0) return;
    this.#waiting = [];
    try {
      const results = this.#commit(entries.map(({ item }) => item));
      entries.forEach(({ resolve, reject }, index) => {
        const result = results[index];
        if (result === undefined) reject(new Error("The commit gave no result for an item"));
        else resolve(result);
      });
    } catch (error) {
      for (const { reject } of entries) reject(error);
    }
  }
}
