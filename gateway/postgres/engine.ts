/** A statement with its parameters as Postgres reads them: text, whose type the statement decides. */
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

/** What a statement gave. Values are Postgres' own text. */
export interface StatementResult {
  /** The first word of the command tag: `SELECT`, `INSERT`, … */
  readonly command: string;
  /** The number in the command tag; null where it has none. */
  readonly rowCount: number | null;
  readonly fields: readonly Field[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** How a transaction is begun; what is absent is as the database has it. */
export interface TransactionOptions {
  readonly isolation?: "READ UNCOMMITTED" | "READ COMMITTED" | "REPEATABLE READ" | "SERIALIZABLE" | undefined;
  readonly readOnly?: boolean | undefined;
  readonly deferrable?: boolean | undefined;
}

/** The parts of an error report that Postgres may fill in, by the names that clients know. */
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

/** The parts of one error report. */
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

/** What the protocol needs of a Postgres. No request leaves anything behind in a session for the next one. */
export interface PostgresEngine {
  /** Runs one statement by itself. Throws a {@link PostgresError} when Postgres refuses it. */
  query(statement: Statement): Promise<StatementResult>;
  /** Runs all statements in one transaction. A {@link PostgresError} in any of them undoes them all. */
  transaction(
    statements: readonly Statement[],
    options: TransactionOptions,
  ): Promise<readonly StatementResult[]>;
  /** Resolves when Postgres runs statements. */
  ping(): Promise<void>;
  /** Finishes what was accepted and lets go of the database. */
  close(): Promise<void>;
}
