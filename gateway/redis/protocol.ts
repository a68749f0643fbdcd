import { type Context, Hono } from "hono";
import { z } from "zod";
import { type Counters, count } from "../counters.ts";
import { secretMatcher } from "../credentials.ts";
import { jsonResponse } from "../json-response.ts";
import { faultFields, log } from "../logger.ts";
import { BodyTooLarge, readBody } from "../request-body.ts";
import { base64Of, bytesOf, textOf } from "./bytes.ts";
import { type Command, type Outcome, type RedisEngine, RedisRequestError, type Reply } from "./engine.ts";

declare global {
  interface JSON {
    /** A value that `JSON.stringify` writes as this text. */
    rawJSON(text: string): object;
  }
}

/** The engine, token and counters of the protocol. */
export interface RedisProtocolOptions {
  readonly engine: RedisEngine;
  readonly token: string;
  readonly counters: Counters["redis"];
}

const command = z
  .tuple([z.string().min(1)], z.union([z.string(), z.number(), z.boolean()]))
  .transform(([name, ...args]): Command => asBytes(name, args.map(String)));
const commands = z.array(command).min(1, "must hold at least one command");

/**
 * The HTTP protocol of `@upstash/redis`: a command as an array or in the path, a pipeline, a transaction. Responses are
 * `{result}` or `{error}`; with `Upstash-Encoding: base64` every string in a result is base64.
 */
export function redisProtocol({ engine, token, counters }: RedisProtocolOptions): Hono {
  const authorized = secretMatcher(`Bearer ${token}`);
  const app = new Hono();

  app.use(async (c, next) => {
    if (!authorized(c.req.header("authorization")))
      return failure(401, "WRONGPASS invalid or missing auth token");
    counters.requests += 1;
    await next();
  });

  app.post("/pipeline", async (c) => {
    const outcomes = await engine.pipeline(counted(await parseBody(c, commands)));
    return jsonResponse(encoded(c, outcomes));
  });

  app.post("/multi-exec", async (c) => {
    const outcomes = await engine.transaction(counted(await parseBody(c, commands)));
    return jsonResponse(encoded(c, outcomes));
  });

  app.post("/", async (c) => single(c, await parseBody(c, command)));

  app.on(["GET", "POST", "PUT"], "/*", async (c) => single(c, await commandInPath(c)));

  app.all("*", () => failure(405, "ERR method not allowed"));
  app.onError(errorResponse);
  return app;

  async function single(c: Context, given: Command): Promise<Response> {
    const [outcome] = encoded(c, await engine.pipeline(counted([given])));
    if (outcome === undefined) throw new Error("The engine gave no outcome for a command");
    return jsonResponse(outcome, "error" in outcome ? 400 : 200);
  }

  function counted(given: readonly Command[]): readonly Command[] {
    for (const [name] of given) count(counters.commands, name.toUpperCase());
    return given;
  }
}

async function parseBody<Shape extends z.ZodType>(c: Context, shape: Shape): Promise<z.output<Shape>> {
  return shape.parse(JSON.parse(await readBody(c)));
}

/** `/set/key/value?EX=100`: the path's parts, then the body as one argument, then the query's names and values. */
async function commandInPath(c: Context): Promise<Command> {
  const url = new URL(c.req.url);
  const [, , name = "", ...args] = url.pathname.split("/").map(decodeURIComponent);
  if (name === "") throw new RedisRequestError("ERR no command was given");
  const body = c.req.method === "GET" ? "" : await readBody(c);
  const options = [...url.searchParams].flat().filter((part) => part !== "");
  return asBytes(name, [...args, ...(body === "" ? [] : [body]), ...options]);
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
  if (error instanceof BodyTooLarge) return failure(413, `ERR ${error.message}`);
  if (error instanceof RedisRequestError) return failure(400, error.message);
  if (error instanceof SyntaxError || error instanceof URIError)
    return failure(400, "ERR failed to parse the request");
  if (error instanceof z.ZodError) return failure(400, `ERR ${z.prettifyError(error)}`);
  log("error", "redis request failed", faultFields(error));
  return failure(500, "ERR internal error");
}

function failure(status: number, error: string): Response {
  return jsonResponse({ error }, status);
}
