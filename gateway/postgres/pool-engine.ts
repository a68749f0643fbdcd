import { DatabaseError, Pool, type PoolClient } from "pg";
import { faultFields, log } from "../logger.ts";
import {
  ERROR_FIELDS,
  type ErrorReport,
  type PostgresEngine,
  PostgresError,
  type Statement,
  type StatementResult,
  type TransactionOptions,
} from "./engine.ts";
import { Exchange, type Step } from "./exchange.ts";
import { SessionStatements } from "./session-statements.ts";

/** How much one gateway asks of its Postgres at once, and for how long. */
export interface PoolLimits {
  /** Sessions, each a process of the server's. */
  readonly sessions: number;
  /** Requests that wait for a session; more are refused at once instead of being late. */
  readonly waiting: number;
  /** How long a request waits for a session, in milliseconds. */
  readonly waitingMs: number;
  /** How long a statement runs, or waits for a lock, in milliseconds. */
  readonly statementMs: number;
}

const LIMITS: PoolLimits = { sessions: 8, waiting: 1_000, waitingMs: 10_000, statementMs: 30_000 };

/** A reply that is later than the statement's own limit does not come: the server is gone, or waits for a client's data. */
const REPLY_GRACE_MS = 5_000;

/** Any Postgres, by its connection string, over a pool of sessions. A request is one way there and one way back. */
export class PoolEngine implements PostgresEngine {
  readonly #pool: Pool;
  readonly #limits: PoolLimits;
  readonly #statements = new WeakMap<PoolClient, SessionStatements>();

  constructor(connectionString: string, limits: Partial<PoolLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits };
    const { sessions, waitingMs, statementMs } = this.#limits;
    this.#pool = new Pool({
      connectionString,
      application_name: "gateway",
      max: sessions,
      idleTimeoutMillis: 0,
      connectionTimeoutMillis: waitingMs,
      statement_timeout: statementMs,
      query_timeout: statementMs + REPLY_GRACE_MS,
    });
    // A session that is lost while it is idle is replaced when it is needed; one that is busy fails its statements.
    this.#pool.on("error", (error) => {
      if (!this.#pool.ending) log("error", "postgres session lost", faultFields(error));
    });
    this.#pool.on("connect", (session) => session.on("error", () => undefined));
  }

  async query(statement: Statement): Promise<StatementResult> {
    const [result] = await this.#run([statement], undefined);
    if (result === undefined) throw new Error("Postgres gave no result for a statement");
    return result;
  }

  transaction(
    statements: readonly Statement[],
    options: TransactionOptions,
  ): Promise<readonly StatementResult[]> {
    return this.#run(statements, options);
  }

  async ping(): Promise<void> {
    await this.query({ sql: "SELECT 1", params: [] });
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #run(
    statements: readonly Statement[],
    transaction: TransactionOptions | undefined,
  ): Promise<readonly StatementResult[]> {
    try {
      return await this.#attempt(statements, transaction, "prepared");
    } catch (error) {
      // A table has changed since a plan was made. Nothing of the request has happened, so it can be repeated.
      if (isStalePlan(error)) return await this.#attempt(statements, transaction, "once");
      throw error;
    }
  }

  async #attempt(
    statements: readonly Statement[],
    transaction: TransactionOptions | undefined,
    how: "prepared" | "once",
  ): Promise<readonly StatementResult[]> {
    const session = await this.#session();
    const known = this.#statementsOf(session);
    const steps = statements.map((statement) =>
      how === "prepared" ? known.step(statement) : once(statement),
    );
    let reusable = false;
    try {
      const all = transaction === undefined ? steps : [once(begin(transaction)), ...steps, COMMIT];
      const results = await exchange(session, all);
      reusable = !known.full && results.every(({ command }) => LEAVES_NOTHING.has(command));
      return transaction === undefined ? results : results.slice(1, -1);
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      known.forget(steps);
      // Anything worse has ended the session.
      if (error.severity === "ERROR") {
        if (transaction !== undefined) await exchange(session, [ROLLBACK]);
        reusable = !known.full && !isStalePlan(error);
      }
      throw new PostgresError(error.message, reportOf(error));
    } finally {
      session.release(!reusable || session.getTransactionStatus() !== "I");
    }
  }

  async #session(): Promise<PoolClient> {
    if (this.#pool.waitingCount >= this.#limits.waiting) {
      throw new PostgresError("too many requests wait for the database", {
        severity: "FATAL",
        code: "53300",
      });
    }
    return await this.#pool.connect();
  }

  #statementsOf(session: PoolClient): SessionStatements {
    const statements = this.#statements.get(session) ?? new SessionStatements();
    this.#statements.set(session, statements);
    return statements;
  }
}

/** Commands after which the session is as before. After any other, settings, plans or temporary tables may differ. */
const LEAVES_NOTHING = new Set([
  ...["SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "BEGIN", "COMMIT", "ROLLBACK", ""],
]);

function exchange(session: PoolClient, steps: readonly Step[]): Promise<readonly StatementResult[]> {
  return new Promise((resolve, reject) => {
    session.query(
      new Exchange(steps, (error, results) => (error === null ? resolve(results) : reject(error))),
    );
  });
}

function once(statement: Statement): Step {
  return { ...statement, name: "", fresh: true };
}

const COMMIT = once({ sql: "COMMIT", params: [] });
const ROLLBACK = once({ sql: "ROLLBACK", params: [] });

function begin({ isolation, readOnly, deferrable }: TransactionOptions): Statement {
  const modes = [
    isolation === undefined ? [] : [`ISOLATION LEVEL ${isolation}`],
    readOnly === undefined ? [] : [readOnly ? "READ ONLY" : "READ WRITE"],
    deferrable === undefined ? [] : [deferrable ? "DEFERRABLE" : "NOT DEFERRABLE"],
  ];
  return { sql: ["BEGIN", modes.flat().join(", ")].join(" "), params: [] };
}

/** "Cached plan must not change result type" has no code of its own. */
function isStalePlan(error: unknown): boolean {
  const report = error instanceof PostgresError ? error.report : error instanceof DatabaseError ? error : {};
  return report.code === "0A000" && report.routine === "RevalidateCachedQuery";
}

function reportOf(error: DatabaseError): ErrorReport {
  return Object.fromEntries(ERROR_FIELDS.map((name) => [name, error[name]]));
}
