import { randomUUID } from "node:crypto";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import type { ProblemDocument } from "../../schema/wire/problem.ts";
import type { Client } from "../harness/client.ts";

/** Writes a message; returns the code with which it is refused, or null. */
export async function refusalOf(
  client: Client,
  to: { conversation: ConversationId },
): Promise<string | null> {
  const content = { type: "text", text: "hello" };
  const operation = { op: "send", conversation: to.conversation, clientId: randomUUID(), content };
  const { results } = await client.do<{ results: { problem?: ProblemDocument }[] }>("POST", "/operations", {
    operations: [operation],
  });
  return results[0]?.problem?.code ?? null;
}
