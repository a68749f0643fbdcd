import { z } from "zod";
import { ConversationId } from "./conversation-id.ts";
import { ClientId, MessageId, Seq } from "./ids.ts";
import { SendableContent, TextContent } from "./message.ts";
import { ProblemDocument } from "./problem.ts";

/** What every operation names: the conversation it changes, and the id under which it is applied once for ever. */
const target = { conversation: ConversationId, clientId: ClientId };

/** Writes a message. */
export const Send = z
  .object({ op: z.literal("send"), ...target, content: SendableContent })
  .meta({ id: "Send" });
export type Send = z.infer<typeof Send>;

/** Gives a message that the sender wrote another text. */
export const Edit = z
  .object({ op: z.literal("edit"), ...target, messageId: MessageId, content: TextContent })
  .meta({ id: "Edit" });
export type Edit = z.infer<typeof Edit>;

/**
 * Everything that changes a conversation: the same in a socket's frame, in `POST /api/v1/operations` and in a log
 * record. What a kind does is in `operations/<kind>.ts`; a kind added here does not compile until it is there.
 */
export const Operation = z.discriminatedUnion("op", [Send, Edit]).meta({ id: "Operation" });
export type Operation = z.infer<typeof Operation>;

const Read = z.object({ op: z.literal("read"), conversation: ConversationId, seq: Seq });

const Typing = z.object({ op: z.literal("typing"), conversation: ConversationId });

/** What a client says on its socket that changes no message: it is not logged, and only a refusal is reported back. */
export const Signal = z.discriminatedUnion("op", [Read, Typing]);
export type Signal = z.infer<typeof Signal>;

/** One JSON object a text frame, from the client. */
export const ClientFrame = z.discriminatedUnion("op", [...Operation.options, ...Signal.options]);
export type ClientFrame = z.infer<typeof ClientFrame>;

/** Whether a frame is an operation, which is reported `accepted` or `rejected` under its client id. */
export function isOperation(frame: ClientFrame): frame is Operation {
  return "clientId" in frame;
}

/** The most operations of one request. */
export const MAX_OPERATIONS = 100;

/** Operations over HTTP, in order. */
export const OperationBatch = z
  .object({ operations: z.array(Operation).min(1).max(MAX_OPERATIONS) })
  .meta({ id: "OperationBatch" });

/** What became of operations, in their order: without a problem, an operation is durably in the log. */
export const OperationResults = z
  .object({ results: z.array(z.object({ clientId: ClientId, problem: ProblemDocument.optional() })) })
  .meta({ id: "OperationResults" });
