import { OpenAPIHono } from "@hono/zod-openapi";
import { Problem } from "../../../lib/problem.ts";
import { Accepted, NewMessage } from "../../../schema/wire/message.ts";
import { OperationBatch, OperationResults } from "../../../schema/wire/operation.ts";
import type { ApiHono } from "../context.ts";
import { json, jsonBody, route } from "../route.ts";
import { submitAs, submitOne } from "../submit.ts";

const tags = ["Conversations"];

/** Changing conversations over HTTP, as a socket's frames do. */
export const operationRoutes = new OpenAPIHono<ApiHono>();

operationRoutes.openapi(
  route(
    {
      method: "post",
      path: "/operations",
      tags,
      summary: "Change conversations",
      description:
        "The operations of the socket, 1 to 100, in order. Returned once all that is accepted is durably in the log; a refused operation does not hold up the others. The same `clientId` again is the same operation. After a 503 they may or may not be in the log: submit them again under the same client ids.",
      request: { body: jsonBody(OperationBatch) },
      responses: { 202: json(OperationResults, "What became of each, in order") },
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
        "One `send`. Returned once the message is durably in the log; it then comes to every device by the socket. The same `clientId` again is the same message. After a 503 it may or may not be in the log: send it again under the same `clientId`.",
      request: { body: jsonBody(NewMessage) },
      responses: { 202: json(Accepted, "The message will be stored and delivered") },
    },
    "not_friends",
    "conversation_not_found",
    "unavailable",
  ),
  async (context) => {
    const { api, caller } = context.var;
    const message = context.req.valid("json");
    await submitOne(api, caller.userId, { op: "send", ...message });
    return context.json({ clientId: message.clientId, conversation: message.conversation }, 202);
  },
);
