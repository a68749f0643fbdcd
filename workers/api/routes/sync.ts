import { OpenAPIHono } from "@hono/zod-openapi";
import { SyncRequest, SyncResponse } from "../../../schema/wire/conversation.ts";
import type { ApiHono } from "../context.ts";
import { json, jsonBody, route } from "../route.ts";
import { sync } from "../sync.ts";

/** Sync: what a device has missed. */
export const syncRoutes = new OpenAPIHono<ApiHono>();

syncRoutes.openapi(
  route({
    method: "post",
    path: "/sync",
    tags: ["Conversations"],
    summary: "Get what a device has missed",
    description:
      "Returns every conversation of the caller that has changed since the given rev, with its changed messages in rising `rev`; the conversation with the oldest last message comes first. Conversations that the request does not name start from 0 or, with `others: latest`, have their newest 20 messages only. Responses are bounded: while any `more` is true, sync again with the revs of the response.",
    request: { body: jsonBody(SyncRequest) },
    responses: { 200: json(SyncResponse, "What has changed") },
  }),
  async (context) => {
    const { api, caller } = context.var;
    return context.json(await sync(api.database, caller.userId, context.req.valid("json")), 200);
  },
);
