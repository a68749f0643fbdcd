import { createRoute, type RouteConfig } from "@hono/zod-openapi";
import type { z } from "zod";
import { Problem } from "../../lib/problem.ts";
import type { RateLimitName } from "../../lib/rate-limits.ts";
import { PROBLEMS, type ProblemCode, ProblemDocument } from "../../schema/wire/problem.ts";
import { authenticate } from "./authenticate.ts";
import { malformed } from "./errors.ts";

/** The name of the security scheme in the OpenAPI document. */
export const BEARER = "bearer";

/** A route for a signed-in caller; `problems` are the codes it can return beside those common to all routes. */
export function route<Path extends string, Config extends RouteConfig & { path: Path }>(
  config: Config,
  ...problems: ProblemCode[]
) {
  return limitedRoute("RATE_LIMIT_API", config, ...problems);
}

/** A route for a signed-in caller with its own rate limit instead of the common one. */
export function limitedRoute<Path extends string, Config extends RouteConfig & { path: Path }>(
  limit: RateLimitName,
  config: Config,
  ...problems: ProblemCode[]
) {
  return createRoute({
    ...config,
    security: [{ [BEARER]: [] }],
    middleware: authenticate(limit),
    responses: {
      ...config.responses,
      ...problemResponses(config, ["unauthenticated", "rate_limited", ...problems]),
    },
  });
}

/** A route that needs no token. */
export function publicRoute<Path extends string, Config extends RouteConfig & { path: Path }>(
  config: Config,
  ...problems: ProblemCode[]
) {
  return createRoute({
    ...config,
    security: [],
    responses: { ...config.responses, ...problemResponses(config, problems) },
  });
}

/** A JSON request body. */
export function jsonBody<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { "application/json": { schema } } };
}

/** A request body that is the thing itself, of one of these types. Its bytes are judged, not its Content-Type. */
export function binaryBody(types: readonly string[]) {
  const schema = { type: "string", format: "binary" } as const;
  return { required: true, content: Object.fromEntries(types.map((type) => [type, { schema }])) };
}

/** A JSON response. */
export function json<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { "application/json": { schema } } };
}

/**
 * The problem responses of a route, by status, with an example of each code. Typed `object`: handlers throw problems
 * instead of returning them, so these responses must not be part of the type that a handler returns.
 */
function problemResponses(config: RouteConfig, own: ProblemCode[]): object {
  const codes = new Set<ProblemCode>([...own, "internal_error"]);
  if (config.request?.query !== undefined) codes.add("invalid_request");
  if (config.request?.body !== undefined) {
    codes.add("invalid_request").add("invalid_json").add("payload_too_large").add("unsupported_media_type");
  }
  for (const [, parameter] of config.path.matchAll(/\{(\w+)\}/g)) codes.add(malformed(String(parameter)));
  const byStatus = Map.groupBy(codes, (code) => PROBLEMS[code].status);
  return Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, group]) => [
        status,
        {
          description: group.map((code) => `\`${code}\`: ${PROBLEMS[code].title}`).join("; "),
          ...(status === PROBLEMS.rate_limited.status && { headers: RETRY_AFTER }),
          content: {
            "application/problem+json": {
              schema: ProblemDocument,
              examples: Object.fromEntries(group.map((code) => [code, { value: example(code) }])),
            },
          },
        },
      ]),
  );
}

const RETRY_AFTER = {
  "Retry-After": {
    description: "After how many seconds to try again",
    schema: { type: "integer", minimum: 1 },
  },
};

/** A problem of this code, as clients get it. */
function example(code: ProblemCode): ProblemDocument {
  const errors =
    code === "invalid_request" ? [{ path: "content.text", message: "must not be empty" }] : undefined;
  return new Problem(code, { ...(errors !== undefined && { errors }) }).document();
}
