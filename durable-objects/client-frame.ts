import { fieldErrors, problemDocument } from "../lib/problem.ts";
import { ClientId } from "../schema/wire/ids.ts";
import type { ProblemDocument } from "../schema/wire/problem.ts";
import { ClientFrame, MAX_FRAME_BYTES, type ServerEvent } from "../schema/wire/socket.ts";

/** What a frame says, with the length of its text; a bad one comes with the event that answers it. */
export type ReadFrame = { ok: true; frame: ClientFrame; length: number } | { ok: false; answer: ServerEvent };

/** Reads a frame from a client. */
export function readFrame(frame: string | ArrayBuffer): ReadFrame {
  if (typeof frame !== "string") return bad(problemDocument("invalid_request", "A frame is text"));
  const json = parseJson(frame);
  if (json === undefined) return bad(problemDocument("invalid_json", "The frame is not valid JSON"));
  const result = ClientFrame.safeParse(json);
  if (result.success) return { ok: true, frame: result.data, length: frame.length };
  const problem = problemDocument("invalid_request", undefined, fieldErrors(result.error.issues));
  const clientId = sentClientId(json);
  return clientId === null ? bad(problem) : { ok: false, answer: { ev: "rejected", clientId, problem } };
}

function bad(problem: ProblemDocument): ReadFrame {
  return { ok: false, answer: { ev: "error", problem } };
}

/** Whether a frame is over the limit, in bytes of UTF-8. */
export function isTooLarge(frame: string | ArrayBuffer): boolean {
  if (typeof frame !== "string") return frame.byteLength > MAX_FRAME_BYTES;
  // A UTF-16 unit takes one to three bytes, so nearly always its length is enough to know.
  if (frame.length > MAX_FRAME_BYTES) return true;
  return frame.length * 3 > MAX_FRAME_BYTES && encoder.encode(frame).byteLength > MAX_FRAME_BYTES;
}

const encoder = new TextEncoder();

/** The parsed text, undefined when it is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (fault) {
    if (fault instanceof SyntaxError) return undefined;
    throw fault;
  }
}

/** The client id of a `send` that is bad otherwise: its sender waits for an answer under this id. */
function sentClientId(json: unknown): ClientId | null {
  if (typeof json !== "object" || json === null || !("op" in json) || json.op !== "send") return null;
  return "clientId" in json ? (ClientId.safeParse(json.clientId).data ?? null) : null;
}
