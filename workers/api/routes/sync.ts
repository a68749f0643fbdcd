import { OpenAPIHono } from "@hono/zod-openapi";
import { SyncAnswer, SyncRequest } from "../../../schema/wire/conversation.ts";
import type { ApiHono } from "../context.ts";
import { json, jsonBody, route } from "../route.ts";
import { sync } from "../sync.ts";

/** Catching up. */
export const syncRoutes = new OpenAPIHono<ApiHono>();

syncRoutes.openapi(
  route({
    method: "post",
    path: "/sync",
    tags: ["Conversations"],
    summary: "Get what a device has missed",
    description:
      "Every conversation of the caller that has changed since the rev that the device has, with its changed messages in rising `rev`; what has waited longest comes first. Those not named come from 0, or with `others: latest` with their newest 20 messages only. An answer is bounded: while `more` stands anywhere, ask again with the revs that you now have, which are those of the answer.",
    request: { body: jsonBody(SyncRequest) },
    responses: { 200: json(SyncAnswer, "What has changed") },
  }),
  async (context) => {
    const { api, caller } = context.var;
    return context.json(await sync(api.database, caller.userId, context.req.valid("json")), 200);
  },
);
