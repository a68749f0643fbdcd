import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "@hono/zod-openapi";
import type { ApiHono } from "./context.ts";
import { withExamples } from "./examples.ts";
import { BEARER, json, publicRoute } from "./route.ts";

const INFO = {
  title: "Edge IM",
  version: "1",
  description:
    "Instant messaging. Ids are 64-bit Snowflakes as decimal strings, times are RFC 3339 in UTC, errors are `application/problem+json`, lists are `{items, nextCursor}`.",
};

const TAGS = [
  { name: "Accounts", description: "Registering, signing in, and one's own account" },
  { name: "Users", description: "Public profiles" },
  { name: "Friends", description: "Only friends may write to each other" },
  { name: "Groups", description: "Groups and their members" },
  { name: "Conversations", description: "Messages: writing, reading, catching up" },
  { name: "Media", description: "Images, recordings and files: uploaded first, then sent" },
  { name: "Socket", description: "Real-time events" },
  { name: "System", description: "Health and API description" },
];

const Description = z.looseObject({ openapi: z.string() }).meta({ id: "OpenApi" });

/** Adds the route of the OpenAPI document. It describes itself and all routes added before it. */
export function describe(app: OpenAPIHono<ApiHono>, basePath: string): void {
  app.openAPIRegistry.registerComponent("securitySchemes", BEARER, {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
  });
  app.openAPIRegistry.registerPath(socket);
  let document: z.output<typeof Description> | undefined;
  app.openapi(
    publicRoute({
      method: "get",
      path: `${basePath}/openapi.json`,
      tags: ["System"],
      summary: "Get this description",
      responses: { 200: json(Description, "An OpenAPI 3.1 document") },
    }),
    (context) => {
      document ??= Description.parse(
        withExamples(app.getOpenAPI31Document({ openapi: "3.1.0", info: INFO, tags: TAGS })),
      );
      return context.json(document, 200);
    },
  );
}

/** Described here, served by the connect layer. */
const socket = publicRoute(
  {
    method: "get",
    path: "/socket/{serverId}/{bucket}",
    tags: ["Socket"],
    summary: "Open a socket",
    description:
      "A WebSocket with the subprotocols `im.v1` and `ticket.<ticket>`, or `im.v1` and a bearer token. The server picks `im.v1` and sends arrays of events.",
    request: { params: z.object({ serverId: z.string(), bucket: z.string() }) },
    responses: { 101: { description: "The socket is open" } },
  },
  "invalid_ticket",
  "unauthenticated",
  "origin_not_allowed",
  "upgrade_required",
);
