import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { ApiHono } from "../context.ts";
import { json, publicRoute } from "../route.ts";
import { socketSchema } from "../socket-schema.ts";

const tags = ["System"];

/** Pages that describe the API: the reference to read, and the socket's frames as JSON Schema. */
export const docs = new OpenAPIHono<ApiHono>();

/** Scalar, served from this origin (`web/vite.config.ts`), draws the page from the OpenAPI document. */
const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Edge IM: API reference</title>
  </head>
  <body>
    <script
      id="api-reference"
      data-url="openapi.json"
      data-configuration='{"withDefaultFonts":false,"telemetry":false,"agent":{"disabled":true},"hideClientButton":true}'
    ></script>
    <script src="/scalar.js"></script>
  </body>
</html>
`;

docs.openapi(
  publicRoute({
    method: "get",
    path: "/docs",
    tags,
    summary: "Read the API reference",
    responses: { 200: { description: "A page", content: { "text/html": { schema: z.string() } } } },
  }),
  (context) => context.html(PAGE, 200),
);

const JsonSchema = z.looseObject({ $schema: z.string() }).meta({ id: "JsonSchema" });
let schema: z.infer<typeof JsonSchema> | undefined;

docs.openapi(
  publicRoute({
    method: "get",
    path: "/socket.schema.json",
    tags: ["Socket"],
    summary: "Get the socket's frames and events as JSON Schema",
    responses: {
      200: json(JsonSchema, "A JSON Schema (2020-12) with `ClientFrame` and `ServerFrame` in `$defs`"),
    },
  }),
  (context) => {
    schema ??= JsonSchema.parse(socketSchema());
    return context.json(schema, 200);
  },
);
