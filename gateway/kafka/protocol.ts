import { type Context, Hono } from "hono";
import { z } from "zod";
import type { GatewayConfig } from "../config.ts";
import { type Counters, count } from "../counters.ts";
import { secretMatcher } from "../credentials.ts";
import { jsonResponse } from "../json-response.ts";
import { faultFields, log } from "../logger.ts";
import { BodyTooLarge, readBody } from "../request-body.ts";
import type { ConsumerGroups } from "./consumer-groups.ts";
import { type LogEngine, LogRequestError, LogUnavailable } from "./engine.ts";
import {
  commitBody,
  committedBody,
  consumeBody,
  consumeHeaders,
  fetchBody,
  laggingQuery,
  offsetQuery,
  offsetsBody,
  produceBody,
} from "./requests.ts";

/** The engine, settings and counters of the protocol. */
export interface KafkaProtocolOptions {
  readonly engine: LogEngine;
  readonly groups: ConsumerGroups;
  readonly credentials: GatewayConfig["kafka"];
  readonly counters: Counters["kafka"];
  /** Aborted when the gateway ends: waiting requests return at once. */
  readonly closing: AbortSignal;
}

/** The response of routes that return no data. */
const SUCCESS = { result: "Success", status: 200 };

/**
 * The HTTP protocol of `@upstash/kafka`, and one route of our own for lag. Every response is JSON, errors are
 * `{result: "Failure", error, status}`.
 */
export function kafkaProtocol({
  engine,
  groups,
  credentials,
  counters,
  closing,
}: KafkaProtocolOptions): Hono {
  const { username, password } = credentials;
  const authorized = secretMatcher(`Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`);
  const app = new Hono();

  app.use(async (c, next) => {
    if (!authorized(c.req.header("authorization"))) return failure(401, "Unauthorized");
    count(counters.requests, c.req.path.split("/")[2] ?? "");
    await next();
  });

  app.post("/produce", async (c) => {
    const records = await parseBody(c, produceBody);
    const placed = await engine.produce(records);
    counters.records.produced += placed.length;
    return jsonResponse(placed);
  });

  app.post("/fetch", async (c) => {
    const { from, timeout } = await parseBody(c, fetchBody);
    const records = await engine.fetch(from, timeout, () => waiting(c));
    counters.records.fetched += records.length;
    return jsonResponse(records);
  });

  app.post("/consume/:group/:instance", async (c) => {
    const headers = consumeHeaders.parse(c.req.header());
    const records = await groups.consume(
      {
        ...c.req.param(),
        ...(await parseBody(c, consumeBody)),
        autoCommit: headers["kafka-enable-auto-commit"],
        autoCommitInterval: headers["kafka-auto-commit-interval"],
        autoOffsetReset: headers["kafka-auto-offset-reset"],
      },
      () => waiting(c),
    );
    counters.records.fetched += records.length;
    return jsonResponse(records);
  });

  app.post("/commit/:group/:instance", async (c) => {
    const { group, instance } = c.req.param();
    const offsets = await parseBody(c, commitBody);
    if (offsets === undefined) await groups.commitConsumed(group, instance);
    else await engine.commit(group, offsets);
    return jsonResponse(SUCCESS);
  });

  app.post("/committed/:group/:instance", async (c) =>
    jsonResponse(await engine.committed(c.req.param("group"), await parseBody(c, committedBody))),
  );

  app.post("/offsets/:query", async (c) =>
    jsonResponse(
      await engine.offsets(await parseBody(c, offsetsBody), offsetQuery.parse(c.req.param("query"))),
    ),
  );

  // Not one of Upstash's routes, which have no paged list of lag.
  app.get("/lagging/:group", async (c) => {
    const { after, limit } = laggingQuery.parse(c.req.query());
    return jsonResponse(await engine.lagging(c.req.param("group"), after, limit));
  });

  app.get("/topics", async () => jsonResponse(Object.fromEntries(await engine.topics())));
  app.get("/consumers", () => jsonResponse(groups.list()));

  app.post("/delete-consumer/:group/:instance", async (c) => {
    await groups.remove(c.req.param("group"), c.req.param("instance"));
    return jsonResponse(SUCCESS);
  });

  app.all("*", () => failure(404, "No such endpoint"));
  app.onError(errorResponse);
  return app;

  /** Aborts when the client disconnects or the gateway closes. Created only by requests that wait: most do not. */
  function waiting(c: Context): AbortSignal {
    return AbortSignal.any([c.req.raw.signal, closing]);
  }
}

/** Parses a body that may be absent: the client sends none when it stringifies `undefined`. */
async function parseBody<Shape extends z.ZodType>(c: Context, shape: Shape): Promise<z.output<Shape>> {
  const body = await readBody(c);
  return shape.parse(body === "" ? undefined : JSON.parse(body));
}

function errorResponse(error: Error): Response {
  if (error instanceof BodyTooLarge) return failure(413, error.message);
  if (error instanceof LogRequestError) return failure(400, error.message);
  if (error instanceof SyntaxError) return failure(400, "The body is not JSON");
  if (error instanceof z.ZodError) return failure(400, z.prettifyError(error));
  log("error", "kafka request failed", faultFields(error));
  if (error instanceof LogUnavailable) return failure(503, "The log is not available");
  return failure(500, "Internal error");
}

function failure(status: number, error: string): Response {
  return jsonResponse({ result: "Failure", error, status }, status);
}
