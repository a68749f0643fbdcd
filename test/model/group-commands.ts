import fc from "fast-check";
import { expect } from "vitest";
import { conversationParts } from "../../schema/wire/conversation-id.ts";
import type { Group, JoinPolicy, Posting, Role } from "../../schema/wire/group.ts";
import type { UserId } from "../../schema/wire/ids.ts";
import type { Notice } from "../../schema/wire/message.ts";
import type { ConversationModel, GroupModel } from "./conversation-model.ts";
import type { Model } from "./model.ts";
import { choice, type Plan, pick, step } from "./step.ts";
import type { World } from "./world.ts";

type GroupConversation = ConversationModel & { group: GroupModel };

/** Somebody acts in a group on somebody. */
type Act = { world: World; model: Model; by: UserId; group: GroupConversation; path: string; on: UserId };

const act = { who: choice, where: choice, whom: choice };

/** A plan for a member of a group and somebody else, in the group or not. */
function inGroup<Values>(
  plan: (act: Act, values: Values) => Promise<void>,
): Plan<Values & { who: number; where: number; whom: number }> {
  return (values, model) => {
    const by = pick(model.people, values.who);
    const group = by && pick(model.groupsOf(by), values.where);
    const on = pick(
      model.people.filter((other) => other !== by),
      values.whom,
    );
    if (!group || !on) return null;
    return (world) => plan({ world, model, by, group, path: pathOf(group), on }, values);
  };
}

/** The most groups at a time: the fewer, the more happens in each. */
const GROUPS = 2;

/** Makes a group of the friends whose bits are set. */
export const makeGroup: Plan<{ who: number; friends: number; name: string; joinPolicy: JoinPolicy }> = (
  { who, friends, name, joinPolicy },
  model,
) => {
  const owner = pick(model.people, who);
  if (owner === undefined || model.groups().length >= GROUPS) return null;
  const others = model.friendsOf(owner).filter((_, index) => (friends & (1 << index)) !== 0);
  return async (world) => {
    const body = { name, memberIds: others, joinPolicy };
    const { conversation } = await world.client(owner).do<Group>("POST", "/groups", body);
    const seen = await world.changes(model, owner, conversation);
    const group = model.openGroup(conversation, { name, joinPolicy, posting: "all" }, owner, others);
    expect(seen).toEqual(seen.map((message) => group.note(owner, { kind: "created" }, message)));
  };
};

const create = step(
  "create",
  {
    who: choice,
    friends: choice,
    name: fc.constantFrom("Sailors", "Rowers", "Swimmers"),
    joinPolicy: fc.constantFrom<JoinPolicy>("open", "open", "invite"),
  },
  makeGroup,
);

const join = step("join", { who: choice, where: choice }, ({ who, where }, model) => {
  const userId = pick(model.people, who);
  const group = pick(model.groups(), where);
  if (!userId || !group) return null;
  const isMember = group.members.has(userId);
  return async (world) => {
    const refusal = isMember || group.group.joinPolicy === "open" ? null : "group_not_found";
    expect(await world.refusal(userId, "PUT", `${pathOf(group)}/members/me`)).toBe(refusal);
    if (isMember || refusal !== null) return;
    await noted(world, model, group, userId, { kind: "joined", userIds: [userId] }, () =>
      model.enter(group, [userId]),
    );
  };
});

const leave = step("leave", { who: choice, where: choice }, ({ who, where }, model) => {
  const userId = pick(model.people, who);
  const group = userId && pick(model.groupsOf(userId), where);
  if (!group) return null;
  return async (world) => {
    expect(await world.refusal(userId, "DELETE", `${pathOf(group)}/members/me`)).toBe(null);
    await noted(world, model, group, userId, { kind: "left", userId }, () => model.exit(group, userId));
  };
});

const add = step(
  "add",
  act,
  inGroup(async ({ world, model, by, group, path, on }) => {
    const isMember = group.members.has(on);
    const refusal = !group.isStaff(by)
      ? "not_allowed"
      : isMember || model.areFriends(by, on)
        ? null
        : "not_friends";
    expect(await world.refusal(by, "POST", `${path}/members`, { userIds: [on] })).toBe(refusal);
    if (isMember || refusal !== null) return;
    await noted(world, model, group, by, { kind: "joined", userIds: [on] }, () => model.enter(group, [on]));
  }),
);

const remove = step(
  "remove",
  act,
  inGroup(async ({ world, model, by, group, path, on }) => {
    const refusal = refusalOfActing(group, by, on) ?? (isAbove(group, by, on) ? null : "not_allowed");
    expect(await world.refusal(by, "DELETE", `${path}/members/${on}`)).toBe(refusal);
    if (refusal !== null) return;
    await noted(world, model, group, by, { kind: "removed", userId: on }, () => model.exit(group, on));
  }),
);

const promote = step(
  "promote",
  { ...act, role: fc.constantFrom<Role>("admin", "admin", "member", "owner") },
  inGroup<{ role: Role }>(async ({ world, by, group, path, on }, { role }) => {
    const isOwner = group.member(by).role === "owner";
    const refusal = refusalOfActing(group, by, on) ?? (isOwner ? null : "not_allowed");
    expect(await world.refusal(by, "PATCH", `${path}/members/${on}`, { role })).toBe(refusal);
    if (refusal !== null) return;
    const member = group.member(on);
    member.role = role;
    if (role !== "owner") return;
    // The group is handed over, and nobody could end the mute of its owner.
    member.isMuted = false;
    group.member(by).role = "admin";
  }),
);

const mute = step(
  "mute",
  { ...act, on: fc.boolean() },
  inGroup<{ on: boolean }>(async ({ world, by, group, path, on }, { on: isMuted }) => {
    const refusal = refusalOfActing(group, by, on) ?? (isAbove(group, by, on) ? null : "not_allowed");
    const body = { mutedUntil: isMuted ? "2100-01-01T00:00:00.000Z" : null };
    expect(await world.refusal(by, "PATCH", `${path}/members/${on}`, body)).toBe(refusal);
    if (refusal === null) group.member(on).isMuted = isMuted;
  }),
);

const change = step(
  "change",
  {
    ...act,
    name: fc.constantFrom("Sailors", "Rowers", "Swimmers"),
    posting: fc.constantFrom<Posting>("all", "all", "admins"),
  },
  inGroup<{ name: string; posting: Posting }>(
    async ({ world, model, by, group, path }, { name, posting }) => {
      const refusal = group.isStaff(by) ? null : "not_allowed";
      expect(await world.refusal(by, "PATCH", path, { name, posting })).toBe(refusal);
      if (refusal !== null) return;
      group.group.posting = posting;
      if (group.group.name === name) return;
      await noted(world, model, group, by, { kind: "renamed", name }, () => {
        group.group.name = name;
      });
    },
  ),
);

const dissolve = step(
  "dissolve",
  act,
  inGroup(async ({ world, model, by, group, path }) => {
    const refusal = group.member(by).role === "owner" ? null : "not_allowed";
    expect(await world.refusal(by, "DELETE", path)).toBe(refusal);
    if (refusal === null) model.conversations.delete(group.id);
  }),
);

export const groupCommands = [
  { weight: 2, arbitrary: create },
  { weight: 5, arbitrary: join },
  { weight: 3, arbitrary: leave },
  { weight: 3, arbitrary: add },
  { weight: 2, arbitrary: remove },
  { weight: 4, arbitrary: promote },
  { weight: 3, arbitrary: mute },
  { weight: 2, arbitrary: change },
  { weight: 1, arbitrary: dissolve },
];

/** Makes a change in the model, and expects the group's history to mention it for those who are in the group then. */
async function noted(
  world: World,
  model: Model,
  group: GroupConversation,
  by: UserId,
  notice: Notice,
  change: () => void,
): Promise<void> {
  const before = new Set(group.members.keys());
  change();
  const reader = [...group.members.keys()].find((userId) => before.has(userId));
  // Nobody is there to read of the end of a group.
  if (reader === undefined) return;
  const seen = await world.changes(model, reader, group.id);
  expect(seen).toEqual(seen.map((message) => group.note(by, notice, message)));
}

/** Why somebody may not act on members at all, or not on this one. */
function refusalOfActing(group: GroupConversation, by: UserId, on: UserId): string | null {
  if (!group.isStaff(by)) return "not_allowed";
  return group.members.has(on) ? null : "member_not_found";
}

/** Admins are above members, and the owner above everybody. */
function isAbove(group: GroupConversation, by: UserId, on: UserId): boolean {
  const { role } = group.member(on);
  return group.member(by).role === "owner" || role === "member";
}

function pathOf({ id }: ConversationModel): string {
  const parts = conversationParts(id);
  if (parts.kind !== "group") throw new Error(`${id} is no group's`);
  return `/groups/${parts.groupId}`;
}
