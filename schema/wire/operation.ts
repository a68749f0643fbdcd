import { z } from "zod";
import { ConversationId } from "./conversation-id.ts";
import { Emoji } from "./emoji.ts";
import { ClientId, MessageId, Seq } from "./ids.ts";
import {
  hasOneContent,
  Mentions,
  NEW_MESSAGE_EXAMPLE,
  newMessageFields,
  ONE_CONTENT,
  ONE_CONTENT_SCHEMA,
  TextContent,
} from "./message.ts";
import { ProblemDocument } from "./problem.ts";

/** The fields of every operation: the conversation that it changes, and the id that keeps it from being applied twice. */
const target = { conversation: ConversationId, clientId: ClientId };

/** Writes a message. */
export const Send = z
  .object({ op: z.literal("send"), ...newMessageFields })
  .refine(hasOneContent, ONE_CONTENT)
  .meta({ id: "Send", ...ONE_CONTENT_SCHEMA, examples: [{ op: "send", ...NEW_MESSAGE_EXAMPLE }] });
export type Send = z.infer<typeof Send>;

/** Replaces the text of one of the sender's messages, and whom it names; without `mentions`, it names whom it named. */
export const Edit = z
  .object({
    op: z.literal("edit"),
    ...target,
    messageId: MessageId,
    content: TextContent,
    mentions: Mentions.optional(),
  })
  .meta({ id: "Edit" });
export type Edit = z.infer<typeof Edit>;

/** Takes a message back: its content is deleted. */
export const Recall = z
  .object({ op: z.literal("recall"), ...target, messageId: MessageId })
  .meta({ id: "Recall" });
export type Recall = z.infer<typeof Recall>;

/** Puts an emoji onto a message, or takes the sender's own away. */
export const React = z
  .object({ op: z.literal("react"), ...target, messageId: MessageId, emoji: Emoji, on: z.boolean() })
  .meta({ id: "React" });
export type React = z.infer<typeof React>;

/** Pins a message in its conversation, or unpins it. */
export const Pin = z
  .object({ op: z.literal("pin"), ...target, messageId: MessageId, on: z.boolean() })
  .meta({ id: "Pin" });
export type Pin = z.infer<typeof Pin>;

/**
 * Everything that changes a conversation, in the same form in a socket's frame, in `POST /api/v1/operations` and in a
 * log record. `operations/<kind>.ts` implements a kind; a kind added here does not compile without that file.
 */
export const Operation = z
  .discriminatedUnion("op", [Send, Edit, Recall, React, Pin])
  .meta({ id: "Operation" });
export type Operation = z.infer<typeof Operation>;

const Read = z.object({ op: z.literal("read"), conversation: ConversationId, seq: Seq });

const Typing = z.object({ op: z.literal("typing"), conversation: ConversationId });

/** A client's frame that changes no message: it does not go into the log, and only a refusal is reported back. */
export const Signal = z.discriminatedUnion("op", [Read, Typing]);
export type Signal = z.infer<typeof Signal>;

/** A frame from the client: a text frame with one JSON object. */
export const ClientFrame = z.discriminatedUnion("op", [...Operation.options, ...Signal.options]);
export type ClientFrame = z.infer<typeof ClientFrame>;

/** Whether a frame is an operation: these are reported as `accepted` or `rejected`, with their client id. */
export function isOperation(frame: ClientFrame): frame is Operation {
  return "clientId" in frame;
}

/** The most operations of one request. */
export const MAX_OPERATIONS = 100;

/** Operations over HTTP, in order. */
export const OperationBatch = z
  .object({ operations: z.array(Operation).min(1).max(MAX_OPERATIONS) })
  .meta({ id: "OperationBatch" });

/** The outcomes of operations, in their order: an operation without a `problem` is durably in the log. */
export const OperationResults = z
  .object({ results: z.array(z.object({ clientId: ClientId, problem: ProblemDocument.optional() })) })
  .meta({ id: "OperationResults" });
