import { parseJson } from "../lib/parse-json.ts";
import { fieldErrors, problemDocument } from "../lib/problem.ts";
import { ClientId } from "../schema/wire/ids.ts";
import { ClientFrame, Operation } from "../schema/wire/operation.ts";
import type { ProblemDocument } from "../schema/wire/problem.ts";
import type { ServerEvent } from "../schema/wire/socket.ts";
import { byteLength } from "./frame.ts";

/** What a frame says; for a bad one, the event that reports it. */
export type ReadFrame = { ok: true; frame: ClientFrame } | { ok: false; report: ServerEvent };

/** Reads a frame from a client. */
export function readFrame(frame: string | ArrayBuffer): ReadFrame {
  if (typeof frame !== "string") return bad(problemDocument("invalid_request", "A frame is text"));
  const json = parseJson(frame);
  if (json === undefined) return bad(problemDocument("invalid_json", "The frame is not valid JSON"));
  const result = ClientFrame.safeParse(json);
  if (result.success) return { ok: true, frame: result.data };
  const problem = problemDocument("invalid_request", undefined, fieldErrors(result.error.issues));
  const clientId = operationId(json);
  return clientId === null ? bad(problem) : { ok: false, report: { ev: "rejected", clientId, problem } };
}

/** How large a frame is, in bytes of UTF-8. */
export function frameBytes(frame: string | ArrayBuffer): number {
  return typeof frame === "string" ? byteLength(frame) : frame.byteLength;
}

function bad(problem: ProblemDocument): ReadFrame {
  return { ok: false, report: { ev: "error", problem } };
}

const operations: ReadonlySet<unknown> = new Set(Operation.options.map(({ shape }) => shape.op.value));

/** The client id of an operation that is bad otherwise: its sender waits for an outcome under this id. */
function operationId(json: unknown): ClientId | null {
  if (typeof json !== "object" || json === null || !("op" in json) || !operations.has(json.op)) return null;
  return "clientId" in json ? (ClientId.safeParse(json.clientId).data ?? null) : null;
}
