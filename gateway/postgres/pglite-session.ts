import { PGlite } from "@electric-sql/pglite";
import type { ErrorReport, Statement, StatementResult, TransactionOptions } from "./engine.ts";
import { PreparedStatements } from "./prepared-statements.ts";
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
  readonly #prepared = new PreparedStatements();

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
    if (transaction !== undefined) messages.runOnce(plain(begin(transaction)));
    const fresh = this.#add(messages, statements);
    if (transaction !== undefined) messages.runOnce(plain("COMMIT"));
    const replies = await this.#exchange(messages);
    await this.#cleanUp(replies, fresh);
    if (replies.error !== undefined) return { error: replies.error };
    return { results: transaction === undefined ? replies.results : replies.results.slice(1, -1) };
  }

  /** Closes the database cleanly. */
  close(): Promise<void> {
    return this.#db.close();
  }

  /** Adds the statements to the messages; gives those that the backend has to prepare first. */
  #add(messages: WireMessages, statements: readonly Statement[]): string[] {
    // What changes tables in the same breath could make a kept plan wrong before it runs.
    if (!statements.every(({ sql }) => READS_OR_WRITES_ROWS.test(sql))) {
      for (const statement of statements) messages.runOnce(statement);
      return [];
    }
    return statements.flatMap(({ sql, params }) => {
      const { name, fresh, evicted } = this.#prepared.use(sql);
      if (evicted !== undefined) messages.forget(evicted);
      if (fresh) messages.prepare(name, sql);
      messages.run(name, params);
      return fresh ? [sql] : [];
    });
  }

  async #exchange(messages: WireMessages): Promise<WireReplies> {
    return readReplies(await this.#db.execProtocolRaw(messages.sync().bytes()));
  }

  /** The session is shared by all requests: nothing that one of them left in it may reach the next. */
  async #cleanUp({ results, error, state }: WireReplies, fresh: readonly string[]): Promise<void> {
    if (state !== "I") await this.#exchange(new WireMessages().runOnce(plain("ROLLBACK")));
    if (results.some(({ command }) => !LEAVES_NOTHING.has(command))) {
      this.#prepared.clear();
      await this.#exchange(new WireMessages().runOnce(plain("DISCARD ALL")));
    } else if (error !== undefined && fresh.length > 0) {
      await this.#forget(fresh);
    }
  }

  /** After an error nobody knows which of the new statements the backend came to prepare. */
  async #forget(statements: readonly string[]): Promise<void> {
    const messages = new WireMessages();
    for (const sql of statements) {
      const name = this.#prepared.forget(sql);
      if (name !== undefined) messages.forget(name);
    }
    await this.#exchange(messages);
  }
}

const READS_OR_WRITES_ROWS = /^\s*(select|insert|update|delete|with|merge|values)\b/i;

/** Commands after which the session is as before. After any other, settings, plans or temporary tables may differ. */
const LEAVES_NOTHING = new Set([
  "SELECT",
  "INSERT",
  "UPDATE",
  "DELETE",
  "MERGE",
  "BEGIN",
  "COMMIT",
  "ROLLBACK",
  "",
]);

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
