import type { Fact } from "../schema/internal/fact.ts";
import { type FactKind, person } from "./kind.ts";

type Hide = Extract<Fact, { kind: "hidden" }>;

/** Nothing else of the conversation is stored meanwhile: its operations are applied by the same drain, in this order. */
const TELL = `
  UPDATE hidden_messages SET rev = greatest(hidden_messages.rev, conversations.rev)
    FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS asked (message_id, user_id, place), conversations
   WHERE hidden_messages.message_id = asked.message_id AND hidden_messages.user_id = asked.user_id
     AND conversations.id = hidden_messages.conversation
  RETURNING asked.place - 1 AS place`;

/**
 * Somebody has hidden a message from themselves: their devices hide it, too. The fact goes through the conversation's topic,
 * so that a device that gets a message with a later rev on its socket has got this event before it. With the rev of this
 * moment, sync tells every other device: one that names this rev or an earlier one.
 */
export const hidden: FactKind<Hide> = {
  online: () => ({}),

  apply: (run) => ({
    text: TELL,
    values: [run.map(({ fact }) => fact.messageId), run.map(({ fact }) => fact.userId)],
  }),

  push({ fact: { userId, conversation, messageId } }, row) {
    if (row === undefined) return [];
    return [{ to: person(userId), event: { ev: "message.hidden", conversation, messageId } }];
  },
};
