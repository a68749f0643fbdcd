/** A statement's name in the session, and what has to be told to the backend before it can be used. */
export interface Prepared {
  readonly name: string;
  /** The backend does not know it yet. */
  readonly fresh: boolean;
  /** A statement that makes room for it. */
  readonly evicted: string | undefined;
}

/** So many different statements are kept parsed and planned; those of a system are few, written once in its code. */
const CAPACITY = 256;

/**
 * Remembers which statements the backend has prepared, by their text. Parsing and planning is half the time of a small
 * statement; the least recently used make room for new ones.
 */
export class PreparedStatements {
  readonly #names = new Map<string, string>();
  #lastNumber = 0;

  /** The name under which to prepare or run a statement. */
  use(sql: string): Prepared {
    const known = this.#names.get(sql);
    const name = known ?? `s${++this.#lastNumber}`;
    this.#names.delete(sql);
    this.#names.set(sql, name);
    const oldest = this.#names.size > CAPACITY ? this.#names.entries().next().value : undefined;
    if (oldest !== undefined) this.#names.delete(oldest[0]);
    return { name, fresh: known === undefined, evicted: oldest?.[1] };
  }

  /** Takes back that a statement has been prepared; gives its name. */
  forget(sql: string): string | undefined {
    const name = this.#names.get(sql);
    this.#names.delete(sql);
    return name;
  }

  /** Takes back all. */
  clear(): void {
    this.#names.clear();
  }
}
