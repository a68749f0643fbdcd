import type { Context, ErrorHandler, NotFoundHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import { Log } from "../../lib/log.ts";
import { fieldErrors, Problem } from "../../lib/problem.ts";
import type { ProblemCode } from "../../schema/wire/problem.ts";
import type { ApiHono } from "./context.ts";

/** Independent of the environment's settings: an error in them is logged, too. */
const log = new Log("api", { LOG_LEVEL: "error" });

/** Returns what a route threw as `problem+json`. A fault is logged, and its response contains no detail of it. */
export const onError: ErrorHandler<ApiHono> = (fault, context) => {
  if (fault instanceof Problem) return problemResponse(fault);
  if (fault instanceof HTTPException) return problemResponse(new Problem(codeOf(fault)));
  const { method, path } = context.req;
  log.error("request failed", fault, { method, path });
  return problemResponse(new Problem("internal_error"));
};

export const onNotFound: NotFoundHandler<ApiHono> = () => problemResponse(new Problem("not_found"));

/** The path exists, but not with this method. */
export function onMethodNotAllowed(_: Context, methods: string[]): Response {
  const response = problemResponse(new Problem("method_not_allowed"));
  response.headers.set("Allow", methods.join(", "));
  return response;
}

/** The result of one validator of a route. */
type Validation = {
  target: string;
  success: boolean;
  error?: { issues: readonly { path: PropertyKey[]; message: string }[] };
};

/**
 * Refuses invalid input as `invalid_request`, with an error for each field. A malformed id in the path is refused as not
 * found, like a well-formed id that does not exist.
 */
export function refuseInvalid({ target, error }: Validation): void {
  if (error === undefined) return;
  if (target === "param") throw new Problem(malformed(String(error.issues[0]?.path[0])));
  throw new Problem("invalid_request", { errors: fieldErrors(error.issues) });
}

/** The problem of a malformed id, by the name of the path parameter. */
export function malformed(parameter: string): ProblemCode {
  return MALFORMED[parameter] ?? "not_found";
}

const MALFORMED: Record<string, ProblemCode | undefined> = {
  userId: "user_not_found",
  groupId: "group_not_found",
  conversationId: "conversation_not_found",
  requestId: "friend_request_not_found",
  sessionId: "session_not_found",
  mediaId: "media_not_found",
  inviteId: "invite_not_found",
  token: "invite_not_found",
  messageId: "message_not_found",
};

/** The problem for an error that Hono's middleware throws. */
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

/** A problem as a response. */
export function problemResponse(problem: Problem): Response {
  const headers: Record<string, string> = { "Content-Type": "application/problem+json" };
  if (problem.retryAfter !== undefined) headers["Retry-After"] = String(problem.retryAfter);
  if (problem.code === "unauthenticated") headers["WWW-Authenticate"] = "Bearer";
  return new Response(JSON.stringify(problem.document()), { status: problem.status, headers });
}
