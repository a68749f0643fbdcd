import type { ErrorReport, Field, StatementResult } from "./engine.ts";

/** What the backend answered to a run of messages. */
export interface WireReplies {
  /** Of each statement that was completed, in order. */
  readonly results: readonly StatementResult[];
  /** The first error, after which the backend skipped the rest. */
  readonly error: { readonly message: string; readonly report: ErrorReport } | undefined;
  /** Idle, in a transaction block, or in one that failed. */
  readonly state: "I" | "T" | "E";
}

/** Reads backend messages of Postgres' wire protocol. Row values stay Postgres' own text. */
export function readReplies(bytes: Uint8Array): WireReplies {
  const reader = new Reader(bytes);
  const results: StatementResult[] = [];
  let error: WireReplies["error"];
  let state: WireReplies["state"] = "I";
  let fields: Field[] = [];
  let rows: (string | null)[][] = [];
  while (!reader.done) {
    const type = reader.byte();
    const end = reader.position + reader.int32();
    if (type === "T") fields = readFields(reader);
    else if (type === "D") rows.push(readRow(reader));
    else if (type === "C" || type === "I") {
      results.push({ ...readTag(type === "C" ? reader.text() : ""), fields, rows });
      fields = [];
      rows = [];
    } else if (type === "E") error ??= readError(reader);
    else if (type === "Z") state = readState(reader.byte());
    reader.position = end; // Whatever else there is, such as notices, tells the caller nothing.
  }
  return { results, error, state };
}

class Reader {
  position = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get done(): boolean {
    return this.position >= this.#bytes.length;
  }

  byte(): string {
    return String.fromCharCode(this.#bytes.readUInt8(this.position++));
  }

  int16(): number {
    this.position += 2;
    return this.#bytes.readInt16BE(this.position - 2);
  }

  int32(): number {
    this.position += 4;
    return this.#bytes.readInt32BE(this.position - 4);
  }

  /** Object ids use all 32 bits. */
  oid(): number {
    return this.int32() >>> 0;
  }

  text(): string {
    const end = this.#bytes.indexOf(0, this.position);
    const value = this.#bytes.toString("utf8", this.position, end);
    this.position = end + 1;
    return value;
  }

  value(): string | null {
    const length = this.int32();
    if (length < 0) return null;
    this.position += length;
    return this.#bytes.toString("utf8", this.position - length, this.position);
  }
}

function readFields(reader: Reader): Field[] {
  return Array.from({ length: reader.int16() }, () => {
    const field = {
      name: reader.text(),
      tableID: reader.oid(),
      columnID: reader.int16(),
      dataTypeID: reader.oid(),
      dataTypeSize: reader.int16(),
      dataTypeModifier: reader.int32(),
    };
    reader.position += 2; // The format, which is always text.
    return field;
  });
}

function readRow(reader: Reader): (string | null)[] {
  const row: (string | null)[] = [];
  for (let left = reader.int16(); left > 0; left -= 1) row.push(reader.value());
  return row;
}

/** `INSERT 0 5` and `SELECT 3` tell a number, `CREATE TABLE` does not. */
function readTag(tag: string): Pick<StatementResult, "command" | "rowCount"> {
  const count = /\d+$/.exec(tag)?.[0];
  return { command: tag.split(" ", 1)[0] ?? "", rowCount: count === undefined ? null : Number(count) };
}

function readState(state: string): WireReplies["state"] {
  if (state === "I" || state === "T" || state === "E") return state;
  throw new Error(`Postgres is in a state that there is not: ${state}`);
}

const REPORT_CODES: Readonly<Record<string, keyof ErrorReport>> = {
  S: "severity",
  C: "code",
  D: "detail",
  H: "hint",
  P: "position",
  p: "internalPosition",
  q: "internalQuery",
  W: "where",
  s: "schema",
  t: "table",
  c: "column",
  d: "dataType",
  n: "constraint",
  F: "file",
  L: "line",
  R: "routine",
};

function readError(reader: Reader): { message: string; report: ErrorReport } {
  const report: { -readonly [Name in keyof ErrorReport]: string } = {};
  let message = "";
  for (let code = reader.byte(); code !== "\0"; code = reader.byte()) {
    const value = reader.text();
    const name = REPORT_CODES[code];
    if (code === "M") message = value;
    else if (name !== undefined) report[name] = value;
  }
  return { message, report };
}
