import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { CLOSE, MAX_FRAME_BYTES, type ServerEvent } from "../../schema/wire/socket.ts";
import { request } from "../harness/client.ts";
import type { Frame } from "./broken-frame.ts";
import { type Schema, SchemaValues } from "./schema-values.ts";

/** What has to follow a frame. Only the outcome of a frame that the schema allows may be `accepted`. */
export type Expected =
  | { kind: "outcome"; op: string; clientId: string; allowed: boolean }
  /** An error, or nothing. */
  | { kind: "signal" }
  /** An error. */
  | { kind: "bad" }
  | { kind: "ping" }
  /** The close code 1009. */
  | { kind: "tooLarge" };

/** What the JSON Schema that a server publishes says of the frames of its sockets. */
export class SocketProtocol {
  readonly defs: Readonly<Record<string, Schema>>;
  readonly #isFrame: ValidateFunction;
  readonly #isEvent: ValidateFunction;
  readonly #isClientId: ValidateFunction;
  readonly #operations: ReadonlySet<unknown>;

  private constructor(defs: Readonly<Record<string, Schema>>) {
    this.defs = defs;
    const ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: true }));
    this.#isFrame = ajv.compile({ $ref: "#/$defs/ClientFrame", $defs: defs });
    this.#isEvent = ajv.compile({ $ref: "#/$defs/ServerEvent", $defs: defs });
    const values = new SchemaValues(defs, {});
    const kinds = (defs.ClientFrame?.oneOf ?? []).map((kind) => values.resolve(kind).properties ?? {});
    const operations = kinds.filter(({ clientId }) => clientId !== undefined);
    this.#operations = new Set(operations.map(({ op }) => op?.const));
    this.#isClientId = ajv.compile({ ...operations[0]?.clientId, $defs: defs });
  }

  static async of(url: string): Promise<SocketProtocol> {
    const { body } = await request<{ $defs: Record<string, Schema> }>(url, "GET", "/socket.schema.json");
    return new SocketProtocol(body.$defs);
  }

  expectation(frame: Frame): Expected {
    if (frame === "ping") return { kind: "ping" };
    if (Buffer.byteLength(frame) > MAX_FRAME_BYTES) return { kind: "tooLarge" };
    const json = typeof frame === "string" ? parsed(frame) : undefined;
    const allowed = this.#isFrame(json);
    if (typeof json !== "object" || json === null) return { kind: "bad" };
    const { op, clientId } = json as { op?: unknown; clientId?: unknown };
    if (this.#operations.has(op) && this.#isClientId(clientId))
      return { kind: "outcome", op: String(op), clientId: String(clientId), allowed };
    return { kind: allowed ? "signal" : "bad" };
  }

  /** What is wrong with the events that a socket has received before it sent a further frame or was closed. */
  *wrongEvents(events: readonly ServerEvent[]): Iterable<unknown> {
    for (const event of events) {
      if (!this.#isEvent(event)) yield [event, this.#isEvent.errors];
      if ("problem" in event && event.problem.status >= 500) yield event;
    }
  }
}

/** What is wrong with the answers to frames on a socket that has stayed open. */
export function* wrongAnswers(
  events: readonly ServerEvent[],
  expected: readonly Expected[],
): Iterable<unknown> {
  const wanted = expected.filter((each) => each.kind === "outcome");
  const allowed = new Set(wanted.filter((each) => each.allowed).map(({ clientId }) => clientId));
  const outcomes = events.filter(({ ev }) => ev === "accepted" || ev === "rejected").filter(hasClientId);
  const answered = outcomes.map(({ clientId }) => clientId).sort();
  const asked = wanted.map(({ clientId }) => clientId).sort();
  if (answered.join() !== asked.join()) yield { asked, answered };
  yield* outcomes.filter(({ ev, clientId }) => ev === "accepted" && !allowed.has(clientId));

  const count = (kind: Expected["kind"]) => expected.filter((each) => each.kind === kind).length;
  const errors = events.filter(({ ev }) => ev === "error").length;
  const [bad, signals] = [count("bad"), count("signal")];
  if (errors < bad || errors > bad + signals) yield { errors, bad, signals };
  if (count("tooLarge") > 0) yield "a frame that is too large has not closed the socket";
}

/** Bad frames after which a socket is closed. */
const MOST_BAD_FRAMES = 10;

/** Whether the protocol has a reason to close a socket with this code after these frames. */
export function mayClose(
  code: number,
  events: readonly ServerEvent[],
  expected: readonly Expected[],
): boolean {
  switch (code) {
    case CLOSE.frameTooLarge.code:
      return expected.some(({ kind }) => kind === "tooLarge");
    case CLOSE.badFrames.code:
      return events.filter(({ ev }) => ev === "error" || ev === "rejected").length >= MOST_BAD_FRAMES;
    default:
      return code === CLOSE.tooManyFrames.code;
  }
}

function hasClientId(event: ServerEvent): event is Extract<ServerEvent, { clientId: string }> {
  return "clientId" in event;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
