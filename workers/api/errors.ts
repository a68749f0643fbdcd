import type { Context, ErrorHandler, NotFoundHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import { Log } from "../../lib/log.ts";
import { fieldErrors, Problem } from "../../lib/problem.ts";
import type { ProblemCode } from "../../schema/wire/problem.ts";
import type { ApiHono } from "./context.ts";

/** Faults are logged also when the settings could not be read. */
const log = new Log("api", { LOG_LEVEL: "error" });

/** Turns whatever a route threw into `problem+json`: a problem as it is, a fault into one that says nothing. */
export const onError: ErrorHandler<ApiHono> = (fault, context) => {
  if (fault instanceof Problem) return answer(fault);
  if (fault instanceof HTTPException) return answer(new Problem(codeOf(fault)));
  const { method, path } = context.req;
  log.error("request failed", fault, { method, path });
  return answer(new Problem("internal_error"));
};

export const onNotFound: NotFoundHandler<ApiHono> = () => answer(new Problem("not_found"));

/** The path is there, but not with this method. */
export function onMethodNotAllowed(_: Context, methods: string[]): Response {
  const response = answer(new Problem("method_not_allowed"));
  response.headers.set("Allow", methods.join(", "));
  return response;
}

/** What the validators of a route found. */
type Validation = {
  target: string;
  success: boolean;
  error?: { issues: readonly { path: PropertyKey[]; message: string }[] };
};

/**
 * Input that a route does not take is a bad request, field by field. A path whose id is none is not: nothing can be
 * there, and the answer is that of an id that nobody has.
 */
export function refuseInvalid({ target, error }: Validation): void {
  if (error === undefined) return;
  if (target === "param") throw new Problem(missing[String(error.issues[0]?.path[0])] ?? "not_found");
  throw new Problem("invalid_request", { errors: fieldErrors(error.issues) });
}

/** What is not there when an id in a path is none. */
const missing: Record<string, ProblemCode | undefined> = {
  userId: "user_not_found",
  groupId: "group_not_found",
  conversationId: "conversation_not_found",
  requestId: "friend_request_not_found",
  sessionId: "session_not_found",
};

/** What Hono's own middleware refuses. */
function codeOf(exception: HTTPException): ProblemCode {
  switch (exception.status) {
    case 400:
      return "invalid_json";
    case 413:
      return "payload_too_large";
    case 415:
      return "unsupported_media_type";
    default:
      return "internal_error";
  }
}

function answer(problem: Problem): Response {
  const headers: Record<string, string> = { "Content-Type": "application/problem+json" };
  if (problem.retryAfter !== undefined) headers["Retry-After"] = String(problem.retryAfter);
  if (problem.code === "unauthenticated") headers["WWW-Authenticate"] = "Bearer";
  return new Response(JSON.stringify(problem.document()), { status: problem.status, headers });
}
