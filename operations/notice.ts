import type { Fact } from "../schema/internal/fact.ts";
import type { FactKind, LoggedFact } from "./kind.ts";
import { type NewMessage, storedEffects, storeMessages } from "./store-messages.ts";

type NoticeGiven = Extract<Fact, { kind: "notice" }>;

/** Something has happened that a conversation's history mentions: it is stored and pushed as a message. */
export const notice: FactKind<NoticeGiven> = {
  online: () => ({}),

  apply: (run) => storeMessages(run.map(messageOf)),

  push: (logged, row) => storedEffects(messageOf(logged), row),
};

function messageOf({ id, fact }: LoggedFact<NoticeGiven>): NewMessage {
  const { conversation, senderId, clientId, sentAt, notice } = fact;
  return {
    id,
    conversation,
    senderId,
    clientId,
    content: { type: "notice", notice },
    references: {},
    sentAt,
  };
}
