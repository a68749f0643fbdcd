import { OpenAPIHono } from "@hono/zod-openapi";
import { Problem } from "../../../lib/problem.ts";
import type { SubmissionOutcome } from "../../../lib/rpc/logic.ts";
import { Accepted, NewMessage } from "../../../schema/wire/message.ts";
import type { ApiHono } from "../context.ts";
import { json, jsonBody, route } from "../route.ts";

/** How soon to try again when the log did not answer, in seconds. */
const RETRY_AFTER = 1;

/** Writing over HTTP. */
export const messageRoutes = new OpenAPIHono<ApiHono>();

messageRoutes.openapi(
  route(
    {
      method: "post",
      path: "/messages",
      tags: ["Conversations"],
      summary: "Write into a conversation",
      description:
        "Answered once the message is durably in the log; it then comes to every device by the socket. The same `clientId` again is the same message. After a 503 it may or may not be in the log: send it again under the same `clientId`.",
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
    let outcome: SubmissionOutcome | undefined;
    try {
      [outcome] = await api.logic.submit([{ ...message, senderId: caller.userId }]);
    } catch (fault) {
      api.log.error("submit failed", fault, { conversation: message.conversation });
    }
    if (outcome === undefined) throw new Problem("unavailable", { retryAfter: RETRY_AFTER });
    if (!outcome.ok) throw new Problem(outcome.problem.code, { detail: outcome.problem.detail });
    return context.json({ clientId: message.clientId, conversation: message.conversation }, 202);
  },
);
