import {
  CONVERSATION_JOINS,
  CONVERSATION_JSON,
  ConversationView,
  toConversation,
} from "../lib/views/conversation.ts";
import type { Fact } from "../schema/internal/fact.ts";
import { conversationParts } from "../schema/wire/conversation-id.ts";
import { type FactKind, person } from "./kind.ts";

type ConversationChange = Extract<Fact, { kind: "conversation" }>;

const LOOK = `
  SELECT asked.place - 1 AS place, ${CONVERSATION_JSON} AS conversation
    FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS asked (conversation, user_id, place)
    JOIN members ON members.conversation = asked.conversation AND members.user_id = asked.user_id
    ${CONVERSATION_JOINS}`;

/** Somebody has set something for a conversation: all their devices get it as it is now. */
export const conversation: FactKind<ConversationChange> = {
  online({ conversation }) {
    const parts = conversationParts(conversation);
    return parts.kind === "group" ? { groupIds: [parts.groupId] } : {};
  },

  apply: (run) => ({
    text: LOOK,
    values: [run.map(({ fact }) => fact.conversation), run.map(({ fact }) => fact.userId)],
  }),

  push({ fact: { userId } }, row, online) {
    if (row === undefined) return [];
    const view = ConversationView.parse(row.conversation);
    const onlineCount = view.group === null ? 0 : (online.counts.get(view.group.id) ?? 0);
    return [
      {
        to: person(userId),
        event: { ev: "conversation.updated", conversation: toConversation(view, onlineCount) },
      },
    ];
  },
};
