import { z } from "zod";
import { GROUP_JSON, GroupView, toGroup } from "../lib/views/group.ts";
import type { Fact } from "../schema/internal/fact.ts";
import { groupConversation } from "../schema/wire/conversation-id.ts";
import { Role } from "../schema/wire/group.ts";
import { UserId } from "../schema/wire/ids.ts";
import type { Effect, FactKind } from "./kind.ts";

type GroupChange = Extract<Fact, { kind: "group" }>;

const Seen = z.object({ group: GroupView, staff: z.array(z.object({ userId: UserId, role: Role })) });

const LOOK = `
  SELECT asked.place - 1 AS place, ${GROUP_JSON} AS "group", (
           SELECT coalesce(jsonb_agg(jsonb_build_object('userId', members.user_id::text, 'role', members.role)), '[]')
             FROM members WHERE members.conversation = 'group:' || groups.id AND members.role <> 'member'
         ) AS staff
    FROM unnest($1::bigint[]) WITH ORDINALITY AS asked (group_id, place)
    JOIN groups ON groups.id = asked.group_id`;

/**
 * A group has changed. An event shows a group with the reader's own role: the whole group gets it with the role
 * `member`, then admins and the owner get it again with theirs, so that each is left with the right one. Who may write
 * into the group may have changed with it.
 */
export const group: FactKind<GroupChange> = {
  online: ({ groupId }) => ({ groupIds: [groupId] }),

  apply: (run) => ({ text: LOOK, values: [run.map(({ fact }) => fact.groupId)] }),

  push({ fact: { groupId } }, row, online) {
    const to = { kind: "group", groupId } as const;
    const conversation = groupConversation(groupId);
    if (row === undefined) return [{ to, permission: { conversation, posting: "gone" } }];
    const { group: view, staff } = Seen.parse(row);
    const seenAs = (role: Role) =>
      ({ ev: "group.updated", group: toGroup(view, role, online.counts.get(groupId) ?? 0) }) as const;
    const permission = { conversation, posting: view.posting };
    const effects: Effect[] = [{ to, event: seenAs("member"), permission }];
    for (const role of ["admin", "owner"] as const) {
      const userIds = staff.filter((one) => one.role === role).map(({ userId }) => userId);
      if (userIds.length > 0) effects.push({ to: { kind: "users", userIds }, event: seenAs(role) });
    }
    return effects;
  },
};
