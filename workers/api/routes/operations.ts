import { OpenAPIHono } from "@hono/zod-openapi";
import { Problem } from "../../../lib/problem.ts";
import { Accepted, NewMessage } from "../../../schema/wire/message.ts";
import { OperationBatch, OperationResults } from "../../../schema/wire/operation.ts";
import type { ApiHono } from "../context.ts";
import { json, jsonBody, route } from "../route.ts";
import { submitAs, submitOne } from "../submit.ts";

const tags = ["Conversations"];

/** Operations over HTTP: the same as those in a socket's frames. */
export const operationRoutes = new OpenAPIHono<ApiHono>();

operationRoutes.openapi(
  route(
    {
      method: "post",
      path: "/operations",
      tags,
      summary: "Change conversations",
      description:
        "Takes 1 to 100 operations, in order, and returns once those that are accepted are durably in the log. A refused operation does not affect the others. The same `clientId` again is the same operation. After a 503, the operations may or may not be in the log: retry with the same client ids.",
      request: { body: jsonBody(OperationBatch) },
      responses: { 202: json(OperationResults, "The result of each operation, in order") },
    },
    "unavailable",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const { operations } = context.req.valid("json");
    const outcomes = await submitAs(api, caller.userId, operations);
    const results = operations.map(({ clientId }, index) => {
      const outcome = outcomes[index];
      if (outcome === undefined) throw new Problem("internal_error");
      return outcome.ok ? { clientId } : { clientId, problem: Problem.of(outcome).document() };
    });
    return context.json({ results }, 202);
  },
);

operationRoutes.openapi(
  route(
    {
      method: "post",
      path: "/messages",
      tags,
      summary: "Write into a conversation",
      description:
        "One `send`. Returns once the message is durably in the log; it then goes to all connected devices. The same `clientId` again is the same message. After a 503, the message may or may not be in the log: retry with the same `clientId`.",
      request: { body: jsonBody(NewMessage) },
      responses: { 202: json(Accepted, "The message will be stored and delivered") },
    },
    "not_friends",
    "conversation_not_found",
    "muted",
    "not_allowed",
    "unavailable",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const message = context.req.valid("json");
    await submitOne(api, caller.userId, { op: "send", ...message });
    return context.json({ clientId: message.clientId, conversation: message.conversation }, 202);
  },
);
