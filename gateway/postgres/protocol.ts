import { Hono } from "hono";
import { z } from "zod";
import type { Counters } from "../counters.ts";
import { secretMatcher } from "../credentials.ts";
import { jsonResponse } from "../json-response.ts";
import { faultFields, log } from "../logger.ts";
import { BodyTooLarge, readBody } from "../request-body.ts";
import {
  ERROR_FIELDS,
  type ErrorReport,
  type PostgresEngine,
  PostgresError,
  type Statement,
  type StatementResult,
} from "./engine.ts";

/** The engine, password and counters of the protocol. */
export interface SqlProtocolOptions {
  readonly engine: PostgresEngine;
  readonly password: string;
  readonly counters: Counters["postgres"];
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
 */
export function sqlProtocol({ engine, password, counters }: SqlProtocolOptions): Hono {
  const authorized = secretMatcher(password);
  const app = new Hono();

  app.post("/", async (c) => {
    counters.requests += 1;
    if (!authorized(passwordIn(c.req.header("neon-connection-string")))) {
      throw new PostgresError("password authentication failed", { severity: "FATAL", code: "28P01" });
    }
    const modes = headers.parse(c.req.header());
    const request = body.parse(JSON.parse(await readBody(c)));
    const arrays = modes["neon-array-mode"];
    if (!("queries" in request)) {
      counters.statements += 1;
      return jsonResponse(resultBody(await engine.query(request), arrays));
    }
    counters.statements += request.queries.length;
    const results = await engine.transaction(request.queries, {
      isolation: modes["neon-batch-isolation-level"],
      readOnly: modes["neon-batch-read-only"],
      deferrable: modes["neon-batch-deferrable"],
    });
    return jsonResponse({ results: results.map((result) => resultBody(result, arrays)) });
  });

  app.all("*", (c) =>
    errorResponse(new PostgresError(`${c.req.method} is not served here`, { code: "0A000" })),
  );
  app.onError(errorResponse);
  return app;
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
  if (error instanceof BodyTooLarge) return failure(error.message, { severity: "ERROR", code: "54000" });
  if (error instanceof z.ZodError)
    return failure(z.prettifyError(error), { severity: "ERROR", code: "08P01" });
  if (error instanceof SyntaxError || error instanceof URIError) {
    return failure("The request cannot be read", { severity: "ERROR", code: "08P01" });
  }
  log("error", "sql request failed", faultFields(error));
  return jsonResponse({ message: "Internal error", code: "XX000" }, 500);
}

function failure(message: string, report: ErrorReport): Response {
  const parts = ERROR_FIELDS.map((name) => [name, report[name] ?? null]);
  return jsonResponse({ message, ...Object.fromEntries(parts) }, 400);
}
