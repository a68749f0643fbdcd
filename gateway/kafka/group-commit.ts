interface Entry<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Gathers what arrives in one turn of the event loop and commits it together, so that many writers share one flush to
 * disk. There is no timer: alone, an item is committed in the turn in which it came.
 */
export class GroupCommit<Item, Result> {
  readonly #commit: (items: readonly Item[]) => readonly Result[];
  #waiting: Entry<Item, Result>[] = [];

  /** `commit` writes all items in one transaction and gives a result for each, or throws and has written nothing. */
  constructor(commit: (items: readonly Item[]) => readonly Result[]) {
    this.#commit = commit;
  }

  /** Resolves when the item has been committed. */
  submit(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.push({ item, resolve, reject }) === 1) setImmediate(() => this.flush());
    });
  }

  /** Commits now what has been gathered. */
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
