import type { Connection, Submittable } from "pg";
import type { Field, Statement, StatementResult } from "./engine.ts";

/** A statement to run, and under which name it is kept prepared. */
export interface Step extends Statement {
  /** The empty name is forgotten with the next statement. */
  readonly name: string;
  /** The session does not know the name yet. */
  readonly fresh: boolean;
}

/**
 * Any number of statements as one query of `pg`, in one round trip and one system call of either side: `pg`'s own
 * queries take a round trip each, or, in its pipeline mode, a system call each. After an error the server skips the rest,
 * and an open transaction block has to be rolled back.
 */
export class Exchange implements Submittable {
  /** Called once. `pg` calls it with an error when there is no reply in time. */
  callback: (error: Error | null, results: readonly StatementResult[]) => void;
  readonly #steps: readonly Step[];
  readonly #results: StatementResult[] = [];
  #fields: readonly Field[] = [];
  #rows: (string | null)[][] = [];

  constructor(steps: readonly Step[], callback: Exchange["callback"]) {
    this.#steps = steps;
    this.callback = callback;
  }

  submit(connection: Connection): void {
    // One system call for all.
    connection.stream.cork();
    for (const { name, fresh, sql, params } of this.#steps) {
      if (fresh) connection.parse({ name, text: sql, types: [] }, true);
      connection.bind({ statement: name, values: [...params] }, true);
      connection.describe(PORTAL, true);
      connection.execute(null, true);
    }
    connection.sync();
    connection.stream.uncork();
  }

  handleRowDescription({ fields }: { fields: readonly Field[] }): void {
    this.#fields = fields;
  }

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    this.#rows.push(fields);
  }

  handleCommandComplete({ text }: { text: string }): void {
    this.#complete(text);
  }

  handleEmptyQuery(): void {
    this.#complete("");
  }

  handleCopyInResponse(connection: Connection & { sendCopyFail(reason: string): void }): void {
    // The end of the statements was taken for a part of the data.
    connection.sendCopyFail("there are no data in this protocol");
    connection.sync();
  }

  handleCopyData(): void {
    // Rows of a copy are in a form of their own, which this protocol does not have.
  }

  handleError(error: Error): void {
    this.callback(error, []);
  }

  handleReadyForQuery(): void {
    this.callback(null, this.#results);
  }

  #complete(tag: string): void {
    this.#results.push({ ...readTag(tag), fields: this.#fields, rows: this.#rows });
    this.#fields = [];
    this.#rows = [];
  }
}

/** The unnamed one, which every statement is bound to in turn. */
const PORTAL = { type: "P", name: "" };

/** `INSERT 0 5` and `SELECT 3` have a count of rows, `CREATE TABLE` has none. */
function readTag(tag: string): Pick<StatementResult, "command" | "rowCount"> {
  const count = /\d+$/.exec(tag)?.[0];
  return { command: tag.split(" ", 1)[0] ?? "", rowCount: count === undefined ? null : Number(count) };
}
