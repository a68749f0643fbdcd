import { type Context, Hono } from "hono";
import { z } from "zod";
import type { Gate } from "../access/access.ts";
import { jsonResponse } from "../json-response.ts";
import { type RequestLimits, requireAtMost } from "../limits.ts";
import { faultFields, log } from "../logger.ts";
import { type Counters, count } from "../metrics/counters.ts";
import type { RequestEnvironment } from "../metrics/request-variables.ts";
import { Refusal } from "../refusal.ts";
import { readBody } from "../request-body.ts";
import { base64Of, bytesOf, textOf } from "./bytes.ts";
import {
  type Command,
  type Outcome,
  type RedisEngine,
  RedisRequestError,
  RedisUnavailable,
  type Reply,
} from "./engine.ts";
import { isReading } from "./reading.ts";

declare global {
  interface JSON {
    /** A value that `JSON.stringify` writes as this text. */
    rawJSON(text: string): object;
  }
}

/** The engine, gate, limits and counters of the protocol. */
export interface RedisProtocolOptions {
  readonly engine: RedisEngine;
  readonly gate: Gate;
  readonly limits: RequestLimits;
  readonly counters: Pick<Counters, "commands">;
}

/** The most command names that are counted, so that wrong ones cannot fill the memory; further ones are `OTHER`. */
const MOST_NAMES = 500;

const command = z
  .tuple([z.string().min(1)], z.union([z.string(), z.number(), z.boolean()]))
  .transform(([name, ...args]): Command => asBytes(name, args.map(String)));
const commands = z.array(command).min(1, "must hold at least one command");

/**
 * The HTTP protocol of `@upstash/redis`: a command as an array or in the path, a pipeline, a transaction. Responses are
 * `{result}` or `{error}`; with `Upstash-Encoding: base64` every string in a result is base64.
 */
export function redisProtocol({
  engine,
  gate,
  limits,
  counters: { commands: counts },
}: RedisProtocolOptions): Hono<RequestEnvironment> {
  const app = new Hono<RequestEnvironment>();

  app.use(async (c, next) => {
    c.set("right", gate.byHeader(c.req.header("authorization")));
    c.set("operation", "command");
    await next();
  });

  app.post("/pipeline", async (c) => {
    c.set("operation", "pipeline");
    const given = admitted(c, await parseBody(c, commands));
    return jsonResponse(encoded(c, await engine.pipeline(given)));
  });

  app.post("/multi-exec", async (c) => {
    c.set("operation", "multi-exec");
    const given = admitted(c, await parseBody(c, commands));
    return jsonResponse(encoded(c, await engine.transaction(given)));
  });

  app.post("/", async (c) => single(c, await parseBody(c, command)));

  app.on(["GET", "POST", "PUT"], "/*", async (c) => single(c, await commandInPath(c)));

  app.all("*", () => failure(405, "ERR method not allowed"));
  app.onError(errorResponse);
  return app;

  async function single(c: Context<RequestEnvironment>, given: Command): Promise<Response> {
    const [outcome] = encoded(c, await engine.pipeline(admitted(c, [given])));
    if (outcome === undefined) throw new Error("The engine gave no outcome for a command");
    return jsonResponse(outcome, "error" in outcome ? 400 : 200);
  }

  /** Counts the commands of a request that may run them all; otherwise none of them runs. */
  function admitted(c: Context<RequestEnvironment>, given: readonly Command[]): readonly Command[] {
    requireAtMost(limits.commands, given.length, "commands");
    const names = given.map(([name]) => name.toUpperCase());
    const refused = c.get("right") === "read" ? names.find((name) => !isReading(name)) : undefined;
    if (refused !== undefined)
      throw new Refusal("forbidden", `This token may only read: it may not run ${textOf(refused)}`);
    for (const name of names) count(counts, countedName(name));
    return given;
  }

  function countedName(name: string): string {
    return name in counts || Object.keys(counts).length < MOST_NAMES ? name : "OTHER";
  }

  async function parseBody<Shape extends z.ZodType>(c: Context, shape: Shape): Promise<z.output<Shape>> {
    return shape.parse(JSON.parse(await readBody(c, limits.bodyBytes)));
  }

  /** `/set/key/value?EX=100`: the path's parts, then the body as one argument, then the query's names and values. */
  async function commandInPath(c: Context): Promise<Command> {
    const url = new URL(c.req.url);
    const [, , name = "", ...args] = url.pathname.split("/").map(decodeURIComponent);
    if (name === "") throw new RedisRequestError("ERR no command was given");
    const body = c.req.method === "GET" ? "" : await readBody(c, limits.bodyBytes);
    const options = [...url.searchParams].flat().filter((part) => part !== "");
    return asBytes(name, [...args, ...(body === "" ? [] : [body]), ...options]);
  }
}

function asBytes(name: string, args: readonly string[]): Command {
  return [bytesOf(name), ...args.map(bytesOf)];
}

/** Outcomes as JSON: strings in the requested encoding, and every integer with all its digits. */
function encoded(c: Context, outcomes: readonly Outcome[]): readonly object[] {
  const encode = c.req.header("upstash-encoding") === "base64" ? base64Of : textOf;
  return outcomes.map((outcome) =>
    "result" in outcome ? { result: jsonOf(outcome.result, encode) } : { error: textOf(outcome.error) },
  );
}

function jsonOf(reply: Reply, encode: (bytes: string) => string): unknown {
  if (typeof reply === "string") return encode(reply);
  if (typeof reply === "bigint") return JSON.rawJSON(String(reply));
  return typeof reply === "object" && reply !== null ? reply.map((item) => jsonOf(item, encode)) : reply;
}

function errorResponse(error: Error): Response {
  if (error instanceof Refusal) return failure(error.status, refusalText(error), error.headers);
  if (error instanceof RedisRequestError) return failure(400, error.message);
  if (error instanceof RedisUnavailable) return failure(503, error.message);
  if (error instanceof SyntaxError || error instanceof URIError)
    return failure(400, "ERR failed to parse the request");
  if (error instanceof z.ZodError) return failure(400, `ERR ${z.prettifyError(error)}`);
  log("error", "redis request failed", faultFields(error));
  return failure(500, "ERR internal error");
}

/** Refusals begin with the words with which Redis begins such errors. */
function refusalText({ reason, message }: Refusal): string {
  if (reason === "unauthorized") return "WRONGPASS invalid or missing auth token";
  return `${reason === "forbidden" ? "NOPERM" : "ERR"} ${message}`;
}

function failure(status: number, error: string, headers?: Readonly<Record<string, string>>): Response {
  return jsonResponse({ error }, status, headers);
}
