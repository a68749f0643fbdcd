import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Group, Member } from "../../schema/wire/group.ts";
import type { Page } from "../../schema/wire/page.ts";
import { Client } from "../harness/client.ts";
import { openClub, textOf } from "../harness/people.ts";
import { useSharedSystem } from "../harness/use-system.ts";
import { expectProblem } from "./problem.ts";
import { refusalOf } from "./writing.ts";

const system = useSharedSystem();

/** A club of an owner, an admin and two members; and a stranger. */
async function staffedClub() {
  const { owner, members, group } = await openClub(system().url, 3);
  const [admin, member, other] = members;
  if (admin === undefined || member === undefined || other === undefined)
    throw new Error("three have joined");
  await change(owner, group, admin, { role: "admin" });
  return { owner, admin, member, other, group, stranger: await Client.register(system().url) };
}

const pathOf = (group: Group, { user }: Client) => `/groups/${group.id}/members/${user.id}`;
const change = (client: Client, group: Group, whom: Client, what: object) =>
  client.do<Member>("PATCH", pathOf(group, whom), what);
const roles = async (client: Client, group: Group) => {
  const { items } = await client.do<Page<Member>>("GET", `/groups/${group.id}/members`);
  return new Map(items.map(({ user, role }) => [user.id, role]));
};
const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString();

describe("a role", () => {
  it("is given by the owner, shown to everybody, and takes effect at once", async () => {
    const { owner, member, group } = await staffedClub();
    const [owners, members] = await Promise.all([owner.connect(), member.connect()]);
    await owner.do("PATCH", `/groups/${group.id}`, { posting: "admins" });
    expect(await refusalOf(member, group)).toBe("not_allowed");
    expect(await change(owner, group, member, { role: "admin" })).toMatchObject({
      user: member.user,
      role: "admin",
      joinedAt: expect.any(String),
    });
    expect(await refusalOf(member, group)).toBeNull();
    await members.next("group.updated", (event) => event.group.role === "admin");
    expect((await roles(owner, group)).get(member.user.id)).toBe("admin");
    await change(owner, group, member, { role: "member" });
    expect(await refusalOf(member, group)).toBe("not_allowed");
    expect(await member.do("GET", `/groups/${group.id}`)).toMatchObject({ role: "member" });
    await Promise.all([owners.close(), members.close()]);
  });

  it("of owner hands the group over", async () => {
    const { owner, member, group } = await staffedClub();
    const [owners, members] = await Promise.all([owner.connect(), member.connect()]);
    await change(owner, group, member, { mutedUntil: inSeconds(60) });
    const handedOver = await change(owner, group, member, { role: "owner" });
    expect(handedOver).toMatchObject({ role: "owner" });
    expect(handedOver).not.toHaveProperty("mutedUntil");
    await members.next("group.updated", (event) => event.group.role === "owner");
    await owners.next("group.updated", (event) => event.group.role === "admin");
    const all = await roles(owner, group);
    expect([all.get(owner.user.id), all.get(member.user.id)]).toEqual(["admin", "owner"]);
    expectProblem(await owner.ask("PATCH", pathOf(group, member), { role: "member" }), "not_allowed");
    expectProblem(await member.ask("PATCH", pathOf(group, member), { role: "member" }), "not_allowed");
    expect(await refusalOf(member, group)).toBeNull();
    await Promise.all([owners.close(), members.close()]);
  });

  it("is handed over once when two are made owners at the same time", async () => {
    const { owner, member, other, group } = await staffedClub();
    await Promise.all(
      [member, other].map((who) => owner.ask("PATCH", pathOf(group, who), { role: "owner" })),
    );
    const owned = [...(await roles(member, group)).values()].filter((role) => role === "owner");
    expect(owned).toHaveLength(1);
  });

  it("of owner goes to an heir, who may write, muted or not, when the owner leaves", async () => {
    const { owner, admin, member, group } = await staffedClub();
    await change(owner, group, admin, { mutedUntil: inSeconds(60) });
    await owner.do("PATCH", `/groups/${group.id}`, { posting: "admins" });
    await owner.do("DELETE", `/groups/${group.id}/members/me`);
    expect(await refusalOf(admin, group)).toBeNull();
    const all = await roles(admin, group);
    expect([all.get(admin.user.id), all.get(member.user.id)]).toEqual(["owner", "member"]);

    await change(admin, group, member, { mutedUntil: inSeconds(60) });
    await admin.do("DELETE", "/users/me", { password: "correct horse battery" });
    const { items } = await member.do<Page<Member>>("GET", `/groups/${group.id}/members`);
    expect(items[0]).toMatchObject({ user: { id: member.user.id }, role: "owner" });
    expect(items[0]).not.toHaveProperty("mutedUntil");
    await expect.poll(() => refusalOf(member, group)).toBeNull();
  });

  it("is not given by others, to strangers, or with other names", async () => {
    const { owner, admin, member, other, group, stranger } = await staffedClub();
    for (const client of [admin, member, stranger]) {
      expectProblem(await client.ask("PATCH", pathOf(group, other), { role: "admin" }), "not_allowed");
    }
    expectProblem(await owner.ask("PATCH", pathOf(group, stranger), { role: "admin" }), "member_not_found");
    for (const bad of [
      { role: "king" },
      { role: null },
      { mutedUntil: "soon" },
      { joinedAt: inSeconds(1) },
    ]) {
      expectProblem(await owner.ask("PATCH", pathOf(group, other), bad), "invalid_request");
    }
    await owner.do("PATCH", `/groups/${group.id}`, { joinPolicy: "invite" });
    expectProblem(await stranger.ask("PATCH", pathOf(group, other), { role: "admin" }), "group_not_found");
  });
});

describe("a mute", () => {
  it("refuses everything that the member writes, and is over by itself", async () => {
    const { owner, admin, member, group } = await staffedClub();
    expect(await refusalOf(member, group)).toBeNull();
    await expect.poll(async () => (await owner.history(group.conversation)).length).toBe(1);
    const [message] = await owner.history(group.conversation);
    const mutedUntil = inSeconds(4);
    expect(await change(admin, group, member, { mutedUntil })).toMatchObject({ mutedUntil, role: "member" });
    const { items } = await owner.do<Page<Member>>("GET", `/groups/${group.id}/members`);
    expect(items.find(({ user }) => user.id === member.user.id)).toMatchObject({ mutedUntil });

    expect(await refusalOf(member, group)).toBe("muted");
    const target = { conversation: group.conversation, messageId: message?.id };
    const { results } = await member.do<{ results: unknown[] }>("POST", "/operations", {
      operations: [
        { op: "edit", clientId: randomUUID(), ...target, content: { type: "text", text: "no" } },
        { op: "react", clientId: randomUUID(), ...target, emoji: "👍", on: true },
      ],
    });
    expect(results).toMatchObject([
      { problem: { code: "muted", status: 403 } },
      { problem: { code: "muted" } },
    ]);
    expect(await refusalOf(admin, group)).toBeNull();

    await expect.poll(() => refusalOf(member, group), { timeout: 10_000 }).toBeNull();
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(mutedUntil));
    const listed = await owner.do<Page<Member>>("GET", `/groups/${group.id}/members`);
    for (const each of listed.items) expect(each).not.toHaveProperty("mutedUntil");
  });

  it("is ended by null, and by leaving", async () => {
    const { owner, member, group } = await staffedClub();
    // Polled: a drain that has read the standing before the change may write it once more, for a moment.
    await change(owner, group, member, { mutedUntil: inSeconds(600) });
    expect(await refusalOf(member, group)).toBe("muted");
    expect(await change(owner, group, member, { mutedUntil: null })).not.toHaveProperty("mutedUntil");
    await expect.poll(() => refusalOf(member, group)).toBeNull();
    await change(owner, group, member, { mutedUntil: inSeconds(600) });
    expect(await member.joinGroup(group)).toMatchObject({ role: "member" });
    expect(await refusalOf(member, group)).toBe("muted");
    await member.do("DELETE", `/groups/${group.id}/members/me`);
    await member.joinGroup(group);
    await expect.poll(() => refusalOf(member, group)).toBeNull();
  });

  it("is for members by admins, and for admins by the owner only", async () => {
    const { owner, admin, member, other, group } = await staffedClub();
    const mute = { mutedUntil: inSeconds(60) };
    expectProblem(await member.ask("PATCH", pathOf(group, other), mute), "not_allowed");
    expectProblem(await admin.ask("PATCH", pathOf(group, owner), mute), "not_allowed");
    await change(owner, group, other, { role: "admin" });
    expectProblem(await admin.ask("PATCH", pathOf(group, other), mute), "not_allowed");
    await change(owner, group, other, mute);
    expect(await refusalOf(other, group)).toBe("muted");
  });
});

describe("removing a member", () => {
  it("ends their access at once, tells them, and is mentioned", async () => {
    const { owner, admin, member, group } = await staffedClub();
    const [owners, removed] = await Promise.all([owner.connect(), member.connect()]);
    expect((await admin.ask("DELETE", pathOf(group, member))).status).toBe(204);
    expect(await refusalOf(member, group)).toBe("conversation_not_found");
    await removed.next("group.left", ({ groupId }) => groupId === group.id);
    const { message } = await owners.next(
      "message",
      (event) => event.message.content?.type === "notice" && event.message.content.notice.kind === "removed",
    );
    expect(message).toMatchObject({
      senderId: admin.user.id,
      content: { notice: { kind: "removed", userId: member.user.id } },
    });
    await owner.post(group.conversation, "among us");
    await owners.next("message", (event) => textOf(event.message) === "among us");
    expect(removed.all("message")).toEqual([]);
    expectProblem(
      await member.ask("GET", `/conversations/${group.conversation}/messages`),
      "conversation_not_found",
    );
    expect(await owner.do("GET", `/groups/${group.id}`)).toMatchObject({ memberCount: 3 });
    await Promise.all([owners.close(), removed.close()]);
  });

  it("is allowed to the owner, and to admins of members", async () => {
    const { owner, admin, member, other, group, stranger } = await staffedClub();
    for (const client of [member, stranger]) {
      expectProblem(await client.ask("DELETE", pathOf(group, other)), "not_allowed");
    }
    expectProblem(await admin.ask("DELETE", pathOf(group, owner)), "not_allowed");
    await change(owner, group, other, { role: "admin" });
    expectProblem(await admin.ask("DELETE", pathOf(group, other)), "not_allowed");
    expectProblem(await owner.ask("DELETE", pathOf(group, stranger)), "member_not_found");
    expect((await owner.ask("DELETE", pathOf(group, other))).status).toBe(204);
    expect((await owner.ask("DELETE", pathOf(group, admin))).status).toBe(204);
    expect((await roles(owner, group)).size).toBe(2);
  });
});

describe("adding members", () => {
  it("takes friends of the owner or an admin in, who learn of it, and mentions them once", async () => {
    const { owner, admin, group } = await staffedClub();
    const [one, two] = await Client.registerMany(system().url, 2);
    if (one === undefined || two === undefined) throw new Error("two were registered");
    await Promise.all([admin.befriend(one), admin.befriend(two)]);
    const socket = await one.connect();
    const userIds = [one.user.id, two.user.id, owner.user.id, one.user.id];
    const added = await admin.ask("POST", `/groups/${group.id}/members`, { userIds });
    expect([added.status, added.body]).toMatchObject([200, { id: group.id, role: "admin", memberCount: 6 }]);
    await socket.next(
      "group.joined",
      (event) => event.group.id === group.id && event.group.role === "member",
    );
    expect(await refusalOf(one, group)).toBeNull();
    expect(await admin.do("POST", `/groups/${group.id}/members`, { userIds })).toMatchObject({
      memberCount: 6,
    });
    const joined = async () =>
      (await owner.wholeHistory(group.conversation)).flatMap(({ senderId, content }) =>
        content?.type === "notice" && content.notice.kind === "joined" && senderId === admin.user.id
          ? [content.notice.userIds]
          : [],
      );
    await expect.poll(joined).toEqual([[admin.user.id], [one.user.id, two.user.id]]);
    await socket.close();
  });

  it("is refused for strangers to the caller, by members, and with no or too many people", async () => {
    const { owner, member, group, stranger } = await staffedClub();
    const friend = await Client.register(system().url);
    await Promise.all([owner.befriend(friend), member.befriend(stranger)]);
    const path = `/groups/${group.id}/members`;
    const both = { userIds: [friend.user.id, stranger.user.id] };
    expectProblem(await owner.ask("POST", path, both), "not_friends");
    expectProblem(await member.ask("POST", path, { userIds: [stranger.user.id] }), "not_allowed");
    expectProblem(await stranger.ask("POST", path, { userIds: [stranger.user.id] }), "not_allowed");
    expectProblem(await owner.ask("POST", path, { userIds: [] }), "invalid_request");
    const many = Array.from({ length: 201 }, (_, index) => String(index + 1));
    expectProblem(await owner.ask("POST", path, { userIds: many }), "invalid_request");
    expect((await roles(owner, group)).size).toBe(4);
  });
});
