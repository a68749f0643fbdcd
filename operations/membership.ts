import { z } from "zod";
import { readStanding } from "../lib/standing.ts";
import { GROUP_JSON, GroupView, toGroup } from "../lib/views/group.ts";
import type { Fact } from "../schema/internal/fact.ts";
import { groupConversation } from "../schema/wire/conversation-id.ts";
import { Role } from "../schema/wire/group.ts";
import { type FactKind, person } from "./kind.ts";

type Membership = Extract<Fact, { kind: "membership" }>;

const Seen = z.object({ role: Role, group: GroupView });

const LOOK = `
  SELECT asked.place - 1 AS place, members.role, members.muted_until, ${GROUP_JSON} AS "group"
    FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS asked (group_id, user_id, place)
    JOIN groups ON groups.id = asked.group_id
    JOIN members ON members.conversation = 'group:' || asked.group_id AND members.user_id = asked.user_id`;

/**
 * Somebody has joined a group or left it. Their channels are linked into the group's list before they hear of it, or
 * out of it afterwards, and they may write into it from here on, or not.
 */
export const membership: FactKind<Membership> = {
  online: ({ groupId }) => ({ groupIds: [groupId] }),

  apply: (run) => ({
    text: LOOK,
    values: [run.map(({ fact }) => fact.groupId), run.map(({ fact }) => fact.userId)],
  }),

  push({ offset, fact: { groupId, userId } }, row, online) {
    const to = person(userId);
    const writer = { conversation: groupConversation(groupId), userId };
    if (row === undefined) {
      return [
        {
          to,
          event: { ev: "group.left", groupId },
          control: { kind: "unlink", userId, groupId, offset },
          permission: { ...writer, may: false },
        },
      ];
    }
    const { group, role } = Seen.parse(row);
    return [
      {
        to,
        event: { ev: "group.joined", group: toGroup(group, role, online.counts.get(groupId) ?? 0) },
        control: { kind: "link", userId, groupId, offset },
        permission: { ...writer, standing: readStanding(row) },
      },
    ];
  },
};
