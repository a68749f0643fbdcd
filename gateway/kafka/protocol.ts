import { type Context, Hono } from "hono";
import { z } from "zod";
import { type Gate, requireWrite } from "../access/access.ts";
import { jsonResponse } from "../json-response.ts";
import { type RequestLimits, requireAtMost } from "../limits.ts";
import { faultFields, log } from "../logger.ts";
import type { Counters } from "../metrics/counters.ts";
import type { RequestEnvironment } from "../metrics/request-variables.ts";
import { Refusal } from "../refusal.ts";
import { readBody } from "../request-body.ts";
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
import { PROTECTED_GROUP } from "./retention.ts";

/** The engine, gate, limits and counters of the protocol. */
export interface KafkaProtocolOptions {
  readonly engine: LogEngine;
  readonly groups: ConsumerGroups;
  readonly gate: Gate;
  readonly limits: RequestLimits;
  readonly counters: Pick<Counters, "records">;
  /** Aborted when the gateway ends: waiting requests return at once. */
  readonly closing: AbortSignal;
}

/** The response of routes that return no data. */
const SUCCESS = { result: "Success", status: 200 };

/** The first part of the path of every route. */
const OPERATIONS = new Set([
  ...["produce", "fetch", "consume", "commit", "committed", "offsets"],
  ...["lagging", "topics", "consumers", "delete-consumer"],
]);

/**
 * The HTTP protocol of `@upstash/kafka`, and one route of our own for lag. Every response is JSON, errors are
 * `{result: "Failure", error, status}`. Who may only read may consume and commit as any group but the protected one,
 * whose offsets say what has been delivered.
 */
export function kafkaProtocol({
  engine,
  groups,
  gate,
  limits,
  counters: { records: counted },
  closing,
}: KafkaProtocolOptions): Hono<RequestEnvironment> {
  const app = new Hono<RequestEnvironment>();

  app.use(async (c, next) => {
    c.set("right", gate.byHeader(c.req.header("authorization")));
    const name = c.req.path.split("/")[2] ?? "";
    c.set("operation", OPERATIONS.has(name) ? name : "other");
    await next();
  });

  app.post("/produce", async (c) => {
    requireWrite(c.get("right"), "produce");
    const records = bounded(await parseBody(c, produceBody));
    const placed = await engine.produce(records);
    counted.produced += placed.length;
    return jsonResponse(placed);
  });

  app.post("/fetch", async (c) => {
    const { from, timeout } = await parseBody(c, fetchBody);
    const records = await engine.fetch(bounded(from), timeout, () => waiting(c));
    counted.fetched += records.length;
    return jsonResponse(records);
  });

  app.post("/consume/:group/:instance", async (c) => {
    const headers = consumeHeaders.parse(c.req.header());
    const { group, instance } = c.req.param();
    requireOwnGroup(c, group);
    const { topics, timeout } = await parseBody(c, consumeBody);
    const records = await groups.consume(
      {
        ...{ group, instance, timeout, topics: bounded(topics) },
        autoCommit: headers["kafka-enable-auto-commit"],
        autoCommitInterval: headers["kafka-auto-commit-interval"],
        autoOffsetReset: headers["kafka-auto-offset-reset"],
      },
      () => waiting(c),
    );
    counted.fetched += records.length;
    return jsonResponse(records);
  });

  app.post("/commit/:group/:instance", async (c) => {
    const { group, instance } = c.req.param();
    requireOwnGroup(c, group);
    const offsets = await parseBody(c, commitBody);
    if (offsets === undefined) await groups.commitConsumed(group, instance);
    else await engine.commit(group, bounded(offsets));
    return jsonResponse(SUCCESS);
  });

  app.post("/committed/:group/:instance", async (c) => {
    const partitions = await parseBody(c, committedBody);
    return jsonResponse(await engine.committed(c.req.param("group"), partitions && bounded(partitions)));
  });

  app.post("/offsets/:query", async (c) => {
    const partitions = bounded(await parseBody(c, offsetsBody));
    return jsonResponse(await engine.offsets(partitions, offsetQuery.parse(c.req.param("query"))));
  });

  // Not one of Upstash's routes, which have no paged list of lag.
  app.get("/lagging/:group", async (c) => {
    const { after, limit } = laggingQuery.parse(c.req.query());
    return jsonResponse(await engine.lagging(c.req.param("group"), after, limit));
  });

  app.get("/topics", async () => jsonResponse(Object.fromEntries(await engine.topics())));
  app.get("/consumers", () => jsonResponse(groups.list()));

  app.post("/delete-consumer/:group/:instance", async (c) => {
    requireWrite(c.get("right"), "delete a consumer");
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

  /** Parses a body that may be absent: the client sends none when it stringifies `undefined`. */
  async function parseBody<Shape extends z.ZodType>(c: Context, shape: Shape): Promise<z.output<Shape>> {
    const body = await readBody(c, limits.bodyBytes);
    return shape.parse(body === "" ? undefined : JSON.parse(body));
  }

  function bounded<Item>(items: readonly Item[]): readonly Item[] {
    requireAtMost(limits.records, items.length, "records or offsets");
    return items;
  }
}

function requireOwnGroup(c: Context<RequestEnvironment>, group: string): void {
  if (group === PROTECTED_GROUP) requireWrite(c.get("right"), `use the consumer group ${group}`);
}

function errorResponse(error: Error): Response {
  if (error instanceof Refusal) return failure(error.status, error.message, error.headers);
  if (error instanceof LogRequestError) return failure(400, error.message);
  if (error instanceof SyntaxError) return failure(400, "The body is not JSON");
  if (error instanceof z.ZodError) return failure(400, z.prettifyError(error));
  log("error", "kafka request failed", faultFields(error));
  if (error instanceof LogUnavailable) return failure(503, "The log is not available");
  return failure(500, "Internal error");
}

function failure(status: number, error: string, headers?: Readonly<Record<string, string>>): Response {
  return jsonResponse({ result: "Failure", error, status }, status, headers);
}
