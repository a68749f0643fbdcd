import type { Send } from "../schema/wire/operation.ts";
import type { LoggedOperation, OperationKind } from "./kind.ts";
import { judgeMedia } from "./media-content.ts";
import { judgeReferences } from "./message-references.ts";
import { type NewMessage, storedEffects, storeMessages } from "./store-messages.ts";

/** Writing a message. */
export const send: OperationKind<Send> = {
  // Everybody who may write into a conversation may send: a text, or what they may see themselves.
  async authorise({ database }, batch) {
    const judged = await Promise.all([judgeMedia(database, batch), judgeReferences(database, batch)]);
    return batch.map(
      (_, index) => judged.map((refusals) => refusals[index]).find((refusal) => refusal) ?? null,
    );
  },

  changes: () => null,

  apply: (run) => storeMessages(run.map(messageOf)),

  push: (logged, row) => storedEffects(messageOf(logged), row),
};

function messageOf({ id, senderId, acceptedAt, operation }: LoggedOperation<Send>): NewMessage {
  const { conversation, clientId, content = null, replyTo, mentions, forwardOf } = operation;
  const references = { replyTo, mentions, forwardOf };
  return { id, conversation, senderId, clientId, content, references, sentAt: acceptedAt };
}
