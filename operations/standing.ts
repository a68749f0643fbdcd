import { readStanding } from "../lib/standing.ts";
import type { Fact } from "../schema/internal/fact.ts";
import { groupConversation } from "../schema/wire/conversation-id.ts";
import { type FactKind, person } from "./kind.ts";

type StandingChange = Extract<Fact, { kind: "standing" }>;

const LOOK = `
  SELECT asked.place - 1 AS place, members.role, members.muted_until
    FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS asked (group_id, user_id, place)
    JOIN members ON members.conversation = 'group:' || asked.group_id AND members.user_id = asked.user_id`;

/** A member's role or mute has changed: whether they may write follows. The fact `group` shows roles to clients. */
export const standing: FactKind<StandingChange> = {
  online: () => ({}),

  apply: (run) => ({
    text: LOOK,
    values: [run.map(({ fact }) => fact.groupId), run.map(({ fact }) => fact.userId)],
  }),

  push({ fact: { groupId, userId } }, row) {
    // Who has left has a fact of their membership.
    if (row === undefined) return [];
    const writer = { conversation: groupConversation(groupId), userId };
    return [{ to: person(userId), permission: { ...writer, standing: readStanding(row) } }];
  },
};
