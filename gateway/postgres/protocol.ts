import { Hono } from "hono";
import { z } from "zod";
import type { Gate } from "../access/access.ts";
import { jsonResponse } from "../json-response.ts";
import { type RequestLimits, requireAtMost } from "../limits.ts";
import { faultFields, log } from "../logger.ts";
import type { Counters } from "../metrics/counters.ts";
import type { RequestEnvironment } from "../metrics/request-variables.ts";
import { Refusal, type RefusalReason } from "../refusal.ts";
import { readBody } from "../request-body.ts";
import {
  ERROR_FIELDS,
  type ErrorReport,
  type PostgresEngine,
  PostgresError,
  type Statement,
  type StatementResult,
} from "./engine.ts";
import { isReading } from "./reading.ts";

/** The engine, gate, limits and counters of the protocol. */
export interface SqlProtocolOptions {
  readonly engine: PostgresEngine;
  readonly gate: Gate;
  readonly limits: RequestLimits;
  readonly counters: Pick<Counters, "statements">;
}

const param = z.union([z.string(), z.null(), z.number().transform(String), z.boolean().transform(String)]);
/** One statement. Postgres' wire protocol ends the text at a zero byte and counts parameters with 16 bits. */
const statement = z
  .object({
    query: z.string().regex(/^[^\0]*$/, "must not contain a zero byte"),
    params: z.array(param).max(65_535).default([]),
  })
  .transform(({ query, params }): Statement => ({ sql: query, params }));
const batch = z.object({ queries: z.array(statement) });
const body = z.union([batch, statement]);

const ISOLATION = {
  ReadUncommitted: "READ UNCOMMITTED",
  ReadCommitted: "READ COMMITTED",
  RepeatableRead: "REPEATABLE READ",
  Serializable: "SERIALIZABLE",
} as const;
const flag = z.enum(["true", "false"]).transform((value) => value === "true");
const headers = z.object({
  "neon-raw-text-output": z.literal("true", { error: "only raw text output is served" }),
  "neon-array-mode": flag.default(false),
  "neon-batch-isolation-level": z
    .enum(["ReadUncommitted", "ReadCommitted", "RepeatableRead", "Serializable"])
    .transform((name) => ISOLATION[name])
    .optional(),
  "neon-batch-read-only": flag.optional(),
  "neon-batch-deferrable": flag.optional(),
});

/**
 * The HTTP protocol of `@neondatabase/serverless`: one statement, or several in a transaction. Every error but an
 * internal one is a 400 with the fields of Postgres' error report, because the client reads them only from that status.
 * (A request over its client's rate gets 429, which is not about the request.) The password of the connection string is
 * the token, unless there is an `Authorization` header; who may only read gets read-only transactions.
 */
export function sqlProtocol({
  engine,
  gate,
  limits,
  counters,
}: SqlProtocolOptions): Hono<RequestEnvironment> {
  const app = new Hono<RequestEnvironment>();

  app.post("/", async (c) => {
    const authorization = c.req.header("authorization");
    const right =
      authorization === undefined
        ? gate.byToken(passwordIn(c.req.header("neon-connection-string")))
        : gate.byHeader(authorization);
    c.set("operation", "other");
    const modes = headers.parse(c.req.header());
    const request = body.parse(JSON.parse(await readBody(c, limits.bodyBytes)));
    const arrays = modes["neon-array-mode"];
    const isBatch = "queries" in request;
    c.set("operation", isBatch ? "transaction" : "query");
    const statements = isBatch ? request.queries : [request];
    requireAtMost(limits.statements, statements.length, "statements");
    counters.statements += statements.length;
    const options = {
      isolation: modes["neon-batch-isolation-level"],
      readOnly: modes["neon-batch-read-only"],
      deferrable: modes["neon-batch-deferrable"],
    };
    if (right === "read") statements.forEach(requireReading);
    const results =
      right === "read"
        ? await engine.transaction(statements, { ...options, readOnly: true, discarded: true })
        : isBatch
          ? await engine.transaction(statements, options)
          : [await engine.query(request)];
    const bodies = results.map((result) => resultBody(result, arrays));
    return jsonResponse(isBatch ? { results: bodies } : bodies[0]);
  });

  app.all("*", (c) =>
    errorResponse(new PostgresError(`${c.req.method} is not served here`, { code: "0A000" })),
  );
  app.onError(errorResponse);
  return app;
}

/** The statements that a read-only transaction does not stop, such as COMMIT, are refused before it begins. */
function requireReading({ sql }: Statement): void {
  if (!isReading(sql)) throw new Refusal("forbidden", "This token may only read: by SELECT and the like");
}

function passwordIn(connectionString: string | undefined): string | undefined {
  const url = connectionString === undefined ? null : URL.parse(connectionString);
  return url === null ? undefined : decodeURIComponent(url.password);
}

function resultBody({ command, rowCount, fields, rows }: StatementResult, arrays: boolean) {
  return {
    command,
    rowCount,
    fields: fields.map((field) => ({ ...field, format: "text" })),
    rows: arrays
      ? rows
      : rows.map((row) => Object.fromEntries(fields.map(({ name }, index) => [name, row[index]]))),
    rowAsArray: arrays,
  };
}

function errorResponse(error: Error): Response {
  if (error instanceof PostgresError) return failure(error.message, error.report);
  if (error instanceof Refusal) return refusalResponse(error);
  if (error instanceof z.ZodError)
    return failure(z.prettifyError(error), { severity: "ERROR", code: "08P01" });
  if (error instanceof SyntaxError || error instanceof URIError) {
    return failure("The request cannot be read", { severity: "ERROR", code: "08P01" });
  }
  log("error", "sql request failed", faultFields(error));
  return jsonResponse({ message: "Internal error", code: "XX000" }, 500);
}

/** The error codes with which Postgres reports such refusals. */
const REFUSAL_CODES: Readonly<Record<RefusalReason, string>> = {
  unauthorized: "28P01",
  forbidden: "42501",
  "too large": "54000",
  "too many requests": "53400",
};

function refusalResponse({ reason, message, status, headers }: Refusal): Response {
  const report = { severity: reason === "unauthorized" ? "FATAL" : "ERROR", code: REFUSAL_CODES[reason] };
  const text = reason === "unauthorized" ? "password authentication failed" : message;
  return failure(text, report, reason === "too many requests" ? { status, headers } : undefined);
}

function failure(
  message: string,
  report: ErrorReport,
  { status, headers }: Pick<Refusal, "status" | "headers"> = { status: 400, headers: {} },
): Response {
  const parts = ERROR_FIELDS.map((name) => [name, report[name] ?? null]);
  return jsonResponse({ message, ...Object.fromEntries(parts) }, status, headers);
}
