import { PGlite } from "@electric-sql/pglite";
import type { ErrorReport, Statement, StatementResult, TransactionOptions } from "./engine.ts";
import { WireMessages } from "./wire-messages.ts";
import { readReplies, type WireReplies } from "./wire-replies.ts";

/** One piece of work: a statement by itself, or several in a transaction. */
export interface SessionRequest {
  readonly statements: readonly Statement[];
  readonly transaction: TransactionOptions | undefined;
}

/** What became of it. */
export type SessionOutcome =
  | { readonly results: readonly StatementResult[] }
  | { readonly error: { readonly message: string; readonly report: ErrorReport } };

/**
 * PGlite's one session. Speaks the wire protocol to it, so that parameters and values are exactly Postgres' own text
 * and a whole transaction is one way in and out.
 */
export class PGliteSession {
  readonly #db: PGlite;

  private constructor(db: PGlite) {
    this.#db = db;
  }

  /** Opens the database in a folder, makes it where there is none, and recovers it where its process was killed. */
  static async open(dataDir: string): Promise<PGliteSession> {
    return new PGliteSession(await PGlite.create({ dataDir }));
  }

  /** Runs one piece of work. The caller sees to it that they come one at a time. */
  async run({ statements, transaction }: SessionRequest): Promise<SessionOutcome> {
    const messages = new WireMessages();
    if (transaction !== undefined) messages.statement(plain(begin(transaction)));
    for (const statement of statements) messages.statement(statement);
    if (transaction !== undefined) messages.statement(plain("COMMIT"));
    const replies = await this.#exchange(messages);
    await this.#cleanUp(replies);
    if (replies.error !== undefined) return { error: replies.error };
    return { results: transaction === undefined ? replies.results : replies.results.slice(1, -1) };
  }

  /** Closes the database cleanly. */
  close(): Promise<void> {
    return this.#db.close();
  }

  async #exchange(messages: WireMessages): Promise<WireReplies> {
    return readReplies(await this.#db.execProtocolRaw(messages.sync().bytes()));
  }

  /** The session is shared by all requests: an open transaction or a changed setting must not reach the next one. */
  async #cleanUp({ results, state }: WireReplies): Promise<void> {
    if (state !== "I") await this.#exchange(new WireMessages().statement(plain("ROLLBACK")));
    if (results.some(({ command }) => SESSION_COMMANDS.has(command))) {
      await this.#exchange(new WireMessages().statement(plain("DISCARD ALL")));
    }
  }
}

const SESSION_COMMANDS = new Set(["SET", "PREPARE", "LISTEN", "DECLARE"]);

function plain(sql: string): Statement {
  return { sql, params: [] };
}

function begin({ isolation, readOnly, deferrable }: TransactionOptions): string {
  const modes = [
    isolation === undefined ? [] : [`ISOLATION LEVEL ${isolation}`],
    readOnly === undefined ? [] : [readOnly ? "READ ONLY" : "READ WRITE"],
    deferrable === undefined ? [] : [deferrable ? "DEFERRABLE" : "NOT DEFERRABLE"],
  ];
  return ["BEGIN", modes.flat().join(", ")].join(" ");
}
