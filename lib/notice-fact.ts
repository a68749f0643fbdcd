import type { Fact } from "../schema/internal/fact.ts";
import type { ConversationId } from "../schema/wire/conversation-id.ts";
import { ClientId, type UserId } from "../schema/wire/ids.ts";
import type { Notice } from "../schema/wire/message.ts";

/**
 * The fact that a person did something that a conversation's history mentions. Its client id is made here, so that the
 * notice is stored once, however often the log holds it.
 */
export function noticeFact(conversation: ConversationId, senderId: UserId, notice: Notice): Fact {
  const clientId = ClientId.parse(crypto.randomUUID());
  return { kind: "notice", conversation, senderId, clientId, sentAt: new Date().toISOString(), notice };
}
