import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Group, Member } from "../../schema/wire/group.ts";
import type { Page } from "../../schema/wire/page.ts";
import { Client } from "../harness/client.ts";
import { textOf } from "../harness/people.ts";
import { useSharedSystem } from "../harness/use-system.ts";
import { readPages } from "./pages.ts";
import { expectProblem } from "./problem.ts";

const system = useSharedSystem();
const three = async () => {
  const [one, other, stranger] = await Client.registerMany(system().url, 3);
  if (one === undefined || other === undefined || stranger === undefined)
    throw new Error("three were registered");
  return { one, other, stranger };
};
const members = (client: Client, group: Group) =>
  client.do<Page<Member>>("GET", `/groups/${group.id}/members`).then(({ items }) => items);

describe("a group", () => {
  it("is created with friends as members", async () => {
    const { one, other, stranger } = await three();
    await one.befriend(other);
    const socket = await other.connect();
    const group = await one.do<Group>("POST", "/groups", { name: " Walkers ", memberIds: [other.user.id] });
    expect(group).toEqual({
      id: expect.any(String),
      name: "Walkers",
      description: "",
      avatarUrl: null,
      joinPolicy: "open",
      posting: "all",
      memberCount: 2,
      onlineCount: expect.any(Number),
      role: "owner",
      conversation: `group:${group.id}`,
    });
    expect((await socket.next("group.joined")).group).toMatchObject({ id: group.id, role: "member" });
    expect(await members(other, group)).toMatchObject(
      [
        { user: one.user, role: "owner" },
        { user: other.user, role: "member", joinedAt: expect.any(String) },
      ].sort((a, b) => (a.user.id.length - b.user.id.length || a.user.id < b.user.id ? -1 : 1)),
    );
    await socket.close();

    const withStranger = { name: "No", memberIds: [other.user.id, stranger.user.id] };
    expectProblem(await one.ask("POST", "/groups", withStranger), "not_friends");
    expectProblem(await one.ask("POST", "/groups", { name: "  " }), "invalid_request");
    expect((await one.do<Page<Group>>("GET", "/groups")).items).toHaveLength(1);
  });

  it("is found by its name, and without a query the caller's groups are listed", async () => {
    const { one, other } = await three();
    const tag = randomUUID().slice(0, 8);
    const group = await one.createGroup(`Bücher ${tag}`);
    const inner = await one.createGroup(`Alte Bücher ${tag}`);
    const found = await readPages<Group>(other, `/groups?query=${encodeURIComponent(`BÜCHER ${tag}`)}`, 1);
    expect(found.flat().map(({ id, role }) => [id, role])).toEqual([
      [group.id, null],
      [inner.id, null],
    ]);
    expect((await other.do<Page<Group>>("GET", "/groups")).items).toEqual([]);
    expect((await one.do<Page<Group>>("GET", "/groups")).items).toMatchObject([
      { id: inner.id },
      { id: group.id },
    ]);
    expect(await other.do("GET", `/groups/${group.id}`)).toMatchObject({ id: group.id, role: null });
    const walkers = await one.createGroup(`登山  Straße ${tag}`);
    for (const query of ["登", "山", "登山 str", `SSE ${tag}`]) {
      const path = `/groups?query=${encodeURIComponent(query)}`;
      expect((await other.do<Page<Group>>("GET", path)).items).toMatchObject([{ id: walkers.id }]);
    }
    for (const id of ["1", "abc"]) expectProblem(await one.ask("GET", `/groups/${id}`), "group_not_found");
  });

  it("is hidden from others when it is by invitation", async () => {
    const { one, other } = await three();
    const make = (joinPolicy: string) =>
      one.do<Group>("POST", "/groups", { name: `P ${randomUUID().slice(0, 8)}`, joinPolicy });
    const invite = await make("invite");
    expectProblem(await other.ask("GET", `/groups/${invite.id}`), "group_not_found");
    expectProblem(await other.ask("PUT", `/groups/${invite.id}/members/me`), "group_not_found");
    const query = encodeURIComponent(invite.name);
    expect((await other.do<Page<Group>>("GET", `/groups?query=${query}`)).items).toEqual([]);
    expect((await one.do<Page<Group>>("GET", `/groups?query=${query}`)).items).toHaveLength(1);
  });
});

describe("joining", () => {
  it("gives access to the whole history, and updates the member count for all", async () => {
    const { one, other } = await three();
    const group = await one.createGroup("Readers");
    await one.post(group.conversation, "before");
    await expect.poll(async () => (await one.history(group.conversation)).length).toBe(1);
    expectProblem(
      await other.ask("GET", `/conversations/${group.conversation}/messages`),
      "conversation_not_found",
    );

    const [owners, joiners] = await Promise.all([one.connect(), other.connect()]);
    expect(await other.joinGroup(group)).toMatchObject({ id: group.id, memberCount: 2, role: "member" });
    expect((await joiners.next("group.joined")).group).toMatchObject({ id: group.id, role: "member" });
    const updated = await owners.next("group.updated", (event) => event.group.role === "owner");
    expect(updated.group).toMatchObject({ id: group.id, memberCount: 2 });
    expect(await other.history(group.conversation)).toMatchObject([{ content: { text: "before" } }]);

    await one.post(group.conversation, "after");
    await joiners.next("message", ({ message }) => textOf(message) === "after");
    await Promise.all([owners.close(), joiners.close()]);
  });

  it("a second time changes nothing", async () => {
    const { one, other } = await three();
    const group = await one.createGroup("Twice");
    await other.joinGroup(group);
    expect(await other.joinGroup(group)).toMatchObject({ memberCount: 2, role: "member" });
    expect(await one.joinGroup(group)).toMatchObject({ memberCount: 2, role: "owner" });
  });

  it("concurrently keeps the member count correct", async () => {
    const [one, ...others] = await Client.registerMany(system().url, 8);
    if (one === undefined) throw new Error("eight were registered");
    const group = await one.createGroup("Rush");
    await Promise.all(others.flatMap((other) => [other.joinGroup(group), other.joinGroup(group)]));
    expect(await one.do("GET", `/groups/${group.id}`)).toMatchObject({ memberCount: 8 });
    const pages = await readPages<Member>(one, `/groups/${group.id}/members`, 3);
    expect(pages.map((page) => page.length)).toEqual([3, 3, 2]);
    expect(new Set(pages.flat().map(({ user }) => user.id)).size).toBe(8);
    await Promise.all(others.map((other) => other.ask("DELETE", `/groups/${group.id}/members/me`)));
    expect(await one.do("GET", `/groups/${group.id}`)).toMatchObject({ memberCount: 1 });
  });

  it("is not found for an unknown group", async () => {
    const { one } = await three();
    expectProblem(await one.ask("PUT", "/groups/1/members/me"), "group_not_found");
  });
});

describe("leaving", () => {
  it("ends access to the history and to events", async () => {
    const { one, other, stranger } = await three();
    const group = await one.createGroup("Leavers");
    await other.joinGroup(group);
    const [owners, leavers] = await Promise.all([one.connect(), other.connect()]);
    const left = `/groups/${group.id}/members/me`;
    expect((await other.ask("DELETE", left)).status).toBe(204);
    expect((await leavers.next("group.left")).groupId).toBe(group.id);
    await owners.next("group.updated", (event) => event.group.memberCount === 1);
    expectProblem(
      await other.ask("GET", `/conversations/${group.conversation}/messages`),
      "conversation_not_found",
    );
    expectProblem(await other.ask("GET", `/groups/${group.id}/members`), "group_not_found");
    expect(await other.conversations()).toEqual([]);

    await one.post(group.conversation, "among us");
    await owners.next("message", ({ message }) => textOf(message) === "among us");
    expect(leavers.all("message")).toEqual([]);
    expectProblem(await other.ask("DELETE", left), "member_not_found");
    expectProblem(await other.ask("DELETE", `/groups/${group.id}/members/${one.user.id}`), "not_allowed");
    expectProblem(await other.ask("DELETE", `/groups/${group.id}/members/nobody`), "user_not_found");
    expectProblem(await stranger.ask("DELETE", left), "member_not_found");
    await Promise.all([owners.close(), leavers.close()]);
  });

  it("makes the longest-standing member the owner, and deletes the group with the last one", async () => {
    const { one, other, stranger } = await three();
    const group = await one.createGroup("Heirs");
    await other.joinGroup(group);
    await stranger.joinGroup(group);
    const socket = await other.connect();
    const left = `/groups/${group.id}/members/me`;
    await one.do("DELETE", left);
    expect(await other.do("GET", `/groups/${group.id}`)).toMatchObject({ role: "owner", memberCount: 2 });
    await socket.next("group.updated", (event) => event.group.role === "owner");
    expect(await stranger.do("GET", `/groups/${group.id}`)).toMatchObject({ role: "member" });
    await Promise.all([other.do("DELETE", left), stranger.do("DELETE", left)]);
    expectProblem(await one.ask("GET", `/groups/${group.id}`), "group_not_found");
    expectProblem(await one.ask("PUT", left), "group_not_found");
    await socket.close();
  });
});
