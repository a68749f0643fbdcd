import { type ClientConfig, DatabaseError, Pool, type PoolClient } from "pg";
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

/** The limits of one gateway's use of Postgres. */
export interface PoolLimits {
  /** The most sessions; each is a process of the server. */
  readonly sessions: number;
  /** The most requests that wait for a session; further ones are refused at once. */
  readonly waiting: number;
  /** The longest wait of a request for a session, in milliseconds. */
  readonly waitingMs: number;
  /** The longest run of a statement, including its waits for locks, in milliseconds. */
  readonly statementMs: number;
}

const LIMITS: PoolLimits = { sessions: 8, waiting: 1_000, waitingMs: 10_000, statementMs: 30_000 };

/** A reply that is this much later than the statement limit never comes: the server is gone, or waits for copied data. */
const REPLY_GRACE_MS = 5_000;

/** Any Postgres, with a pool of sessions. Each request is one round trip. */
export class PoolEngine implements PostgresEngine {
  readonly #pool: Pool;
  readonly #limits: PoolLimits;
  readonly #statements = new WeakMap<PoolClient, SessionStatements>();
  /** Whether the last attempt to get a session has failed; logged once an outage. */
  #unreachable = false;

  /** `server` is a connection string, or what else `pg` needs to connect. */
  constructor(server: string | ClientConfig, limits: Partial<PoolLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits };
    const { sessions, waitingMs, statementMs } = this.#limits;
    this.#pool = new Pool({
      application_name: "gateway",
      ...(typeof server === "string" ? { connectionString: server } : server),
      max: sessions,
      idleTimeoutMillis: 0,
      connectionTimeoutMillis: waitingMs,
      statement_timeout: statementMs,
      query_timeout: statementMs + REPLY_GRACE_MS,
    });
    // The pool replaces a session that is lost while idle; the statements of one that is lost while busy fail.
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

  queues(): Readonly<Record<string, number>> {
    const { totalCount, idleCount, waitingCount } = this.#pool;
    return { busy_sessions: totalCount - idleCount, idle_sessions: idleCount, requests: waitingCount };
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
      // A table has changed since the statement was prepared. The request had no effect, so it can be repeated.
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
    const end = transaction?.discarded === true ? [ROLLBACK, RELEASE_LOCKS] : [COMMIT];
    let reusable = false;
    try {
      const all = transaction === undefined ? steps : [once(begin(transaction)), ...steps, ...end];
      const results = await exchange(session, all);
      reusable = !known.full && results.every(({ command }) => LEAVES_NOTHING.has(command));
      return transaction === undefined ? results : results.slice(1, 1 + steps.length);
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw lost(error);
      known.forget(steps);
      // A severity above ERROR has ended the session.
      if (error.severity === "ERROR") {
        if (transaction !== undefined) await exchange(session, transaction.discarded ? end : [ROLLBACK]);
        reusable = !known.full && !isStalePlan(error);
      }
      throw new PostgresError(error.message, reportOf(error));
    } finally {
      session.release(!reusable || session.getTransactionStatus() !== "I");
    }
  }

  async #session(): Promise<PoolClient> {
    if (this.#pool.waitingCount >= this.#limits.waiting) {
      throw noSession();
    }
    try {
      const session = await this.#pool.connect();
      if (this.#unreachable) log("info", "postgres connected again");
      this.#unreachable = false;
      return session;
    } catch (error) {
      if (error instanceof Error && error.message.startsWith("timeout exceeded")) throw noSession();
      if (!this.#unreachable) log("error", "postgres cannot be connected to", faultFields(error));
      this.#unreachable = true;
      if (error instanceof DatabaseError) throw new PostgresError(error.message, reportOf(error));
      throw new PostgresError("there is no connection to Postgres", { severity: "FATAL", code: "08001" });
    }
  }

  #statementsOf(session: PoolClient): SessionStatements {
    const statements = this.#statements.get(session) ?? new SessionStatements();
    this.#statements.set(session, statements);
    return statements;
  }
}

/** Commands that leave the session unchanged. Any other may change its settings, plans or temporary tables. */
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

/** The error of a request for which there is no session, and too many or too long a wait for one. */
function noSession(): PostgresError {
  return new PostgresError("too many requests wait for the database", { severity: "FATAL", code: "53300" });
}

/** The error of a request whose session was lost, or whose reply did not come in time. */
function lost(error: unknown): PostgresError {
  log("error", "postgres session lost", faultFields(error));
  return new PostgresError("Postgres has not replied: it is unknown whether the statements ran", {
    severity: "FATAL",
    code: "08007",
  });
}

function once(statement: Statement): Step {
  return { ...statement, name: "", fresh: true };
}

const COMMIT = once({ sql: "COMMIT", params: [] });
const ROLLBACK = once({ sql: "ROLLBACK", params: [] });
/** Advisory locks of the session outlive its transactions. */
const RELEASE_LOCKS = once({ sql: "SELECT pg_advisory_unlock_all()", params: [] });

function begin({ isolation, readOnly, deferrable }: TransactionOptions): Statement {
  const modes = [
    isolation === undefined ? [] : [`ISOLATION LEVEL ${isolation}`],
    readOnly === undefined ? [] : [readOnly ? "READ ONLY" : "READ WRITE"],
    deferrable === undefined ? [] : [deferrable ? "DEFERRABLE" : "NOT DEFERRABLE"],
  ];
  return { sql: ["BEGIN", modes.flat().join(", ")].join(" "), params: [] };
}

/** Whether the error is "cached plan must not change result type", which has no error code of its own. */
function isStalePlan(error: unknown): boolean {
  const report = error instanceof PostgresError ? error.report : error instanceof DatabaseError ? error : {};
  return report.code === "0A000" && report.routine === "RevalidateCachedQuery";
}

function reportOf(error: DatabaseError): ErrorReport {
  return Object.fromEntries(ERROR_FIELDS.map((name) => [name, error[name]]));
}
