/** A statement with its parameters in text format; the statement determines their types. */
export interface Statement {
  readonly sql: string;
  readonly params: readonly (string | null)[];
}

/** A column of a result, as the wire protocol describes it. */
export interface Field {
  readonly name: string;
  readonly tableID: number;
  readonly columnID: number;
  readonly dataTypeID: number;
  readonly dataTypeSize: number;
  readonly dataTypeModifier: number;
}

/** The result of a statement. Values are in Postgres' text format. */
export interface StatementResult {
  /** The first word of the command tag: `SELECT`, `INSERT`, … */
  readonly command: string;
  /** The number in the command tag; null where it has none. */
  readonly rowCount: number | null;
  readonly fields: readonly Field[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** The modes of a transaction; absent ones have the database's default. */
export interface TransactionOptions {
  readonly isolation?: "READ UNCOMMITTED" | "READ COMMITTED" | "REPEATABLE READ" | "SERIALIZABLE" | undefined;
  readonly readOnly?: boolean | undefined;
  readonly deferrable?: boolean | undefined;
  /** Rolled back at its end, and every lock of the session released: nothing of it stays. */
  readonly discarded?: boolean | undefined;
}

/** The fields of an error report of Postgres, by the names that clients use. */
export const ERROR_FIELDS = [
  "severity",
  "code",
  "detail",
  "hint",
  "position",
  "internalPosition",
  "internalQuery",
  "where",
  "schema",
  "table",
  "column",
  "dataType",
  "constraint",
  "file",
  "line",
  "routine",
] as const;

/** The fields of one error report. */
export type ErrorReport = { readonly [Name in (typeof ERROR_FIELDS)[number]]?: string | undefined };

/** Postgres refused a statement. */
export class PostgresError extends Error {
  override readonly name = "PostgresError";
  readonly report: ErrorReport;

  constructor(message: string, report: ErrorReport) {
    super(message);
    this.report = report;
  }
}

/** The database that the protocol serves. No request changes the state of a session for the next request. */
export interface PostgresEngine {
  /** Runs one statement by itself. Throws a {@link PostgresError} when Postgres refuses it. */
  query(statement: Statement): Promise<StatementResult>;
  /** Runs all statements in one transaction. Throws a {@link PostgresError} and rolls back when one of them fails. */
  transaction(
    statements: readonly Statement[],
    options: TransactionOptions,
  ): Promise<readonly StatementResult[]>;
  /** How many sessions are busy and idle, and how many requests wait for one. */
  queues(): Readonly<Record<string, number>>;
  /** Resolves when Postgres has run a statement. */
  ping(): Promise<void>;
  /** Completes accepted requests and closes the connections. */
  close(): Promise<void>;
}
