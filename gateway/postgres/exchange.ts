import type { Connection, Submittable } from "pg";
import type { Field, Statement, StatementResult } from "./engine.ts";

/** A statement to run, with the name of its prepared statement. */
export interface Step extends Statement {
  /** A statement with the empty name is kept only until the next one. */
  readonly name: string;
  /** Whether the session has not prepared the statement yet. */
  readonly fresh: boolean;
}

/**
 * Any number of statements as one query of `pg`, in one round trip and one system call on each side. (The queries of
 * `pg` take one round trip each, or one system call each in its pipeline mode.) After an error the server skips the
 * remaining statements, and an open transaction must be rolled back.
 */
export class Exchange implements Submittable {
  /** Called once; also by `pg`, with an error, when there is no reply in time. */
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
    // One system call for all messages.
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
    // The server has read the first sync message as part of the copied data, so another one follows.
    connection.sendCopyFail("this protocol carries no data to copy");
    connection.sync();
  }

  handleCopyData(): void {
    // Ignored: this protocol has no format for the rows of a copy.
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

/** The unnamed portal, to which every statement is bound in turn. */
const PORTAL = { type: "P", name: "" };

/** `INSERT 0 5` and `SELECT 3` have a count of rows, `CREATE TABLE` has none. */
function readTag(tag: string): Pick<StatementResult, "command" | "rowCount"> {
  const count = /\d+$/.exec(tag)?.[0];
  return { command: tag.split(" ", 1)[0] ?? "", rowCount: count === undefined ? null : Number(count) };
}
