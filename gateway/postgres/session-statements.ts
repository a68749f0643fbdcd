import type { Statement } from "./engine.ts";
import type { Step } from "./exchange.ts";

/** Statements that a session keeps prepared; those of a system are few, written once in its code. */
const CAPACITY = 256;

/**
 * The statements that one session has prepared, by their text: parsing and planning is half the time of a small
 * statement. None is taken out; a session that has too many is replaced.
 */
export class SessionStatements {
  readonly #names = new Map<string, string>();
  #made = 0;

  /** No room is left for further statements. */
  get full(): boolean {
    return this.#made >= CAPACITY;
  }

  /** The step that runs a statement, under a name that is the statement's own. */
  step(statement: Statement): Step {
    const known = this.#names.get(statement.sql);
    if (known !== undefined) return { ...statement, name: known, fresh: false };
    this.#made += 1;
    const name = `s${this.#made}`;
    this.#names.set(statement.sql, name);
    return { ...statement, name, fresh: true };
  }

  /** After an error it is unknown which of the new statements are prepared: their names are not used again. */
  forget(steps: readonly Step[]): void {
    for (const { sql, fresh } of steps) if (fresh) this.#names.delete(sql);
  }
}
