import type { Statement } from "./engine.ts";
import type { Step } from "./exchange.ts";

/** The most statements that a session keeps prepared. A system has few distinct ones, all written in its code. */
const CAPACITY = 256;

/**
 * The prepared statements of one session, by their text: parsing and planning is half the time of a small statement.
 * None is ever removed; a session with too many is replaced.
 */
export class SessionStatements {
  readonly #names = new Map<string, string>();
  #made = 0;

  /** Whether the session has prepared as many statements as it may. */
  get full(): boolean {
    return this.#made >= CAPACITY;
  }

  /** The step that runs a statement; each distinct statement has its own name. */
  step(statement: Statement): Step {
    const known = this.#names.get(statement.sql);
    if (known !== undefined) return { ...statement, name: known, fresh: false };
    this.#made += 1;
    const name = `s${this.#made}`;
    this.#names.set(statement.sql, name);
    return { ...statement, name, fresh: true };
  }

  /** Drops the names of new statements: after an error it is unknown which of them the session has prepared. */
  forget(steps: readonly Step[]): void {
    for (const { sql, fresh } of steps) if (fresh) this.#names.delete(sql);
  }
}
