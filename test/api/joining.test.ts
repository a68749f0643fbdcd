import { describe, expect, it } from "vitest";
import type { Group, JoinPolicy, Member } from "../../schema/wire/group.ts";
import type { Invite, JoinRequest } from "../../schema/wire/invite.ts";
import type { Page } from "../../schema/wire/page.ts";
import { Client } from "../harness/client.ts";
import { useSharedSystem } from "../harness/use-system.ts";
import { readPages } from "./pages.ts";
import { expectProblem } from "./problem.ts";
import { refusalOf } from "./writing.ts";

const system = useSharedSystem();

/** A group with this policy, its owner, and people who are not in it. */
async function withGroup(joinPolicy: JoinPolicy, strangers: number) {
  const [owner, ...others] = await Client.registerMany(system().url, 1 + strangers);
  if (owner === undefined) throw new Error("they were registered");
  return { owner, others, group: await owner.do<Group>("POST", "/groups", { name: "Guild", joinPolicy }) };
}

const ask = (client: Client, group: Group) => client.ask("PUT", `/groups/${group.id}/members/me`);
const waiting = (owner: Client, group: Group) =>
  owner
    .do<Page<JoinRequest>>("GET", `/groups/${group.id}/requests`)
    .then(({ items }) => items.map(({ user }) => user.id));
const invited = (owner: Client, group: Group, terms: object = {}) =>
  owner.do<Invite>("POST", `/groups/${group.id}/invites`, terms);
const accept = (client: Client, { token }: Invite) => client.ask<Group>("POST", `/invites/${token}/accept`);

describe("a group by approval", () => {
  it("lets people wait until its owner lets them in", async () => {
    const { owner, others, group } = await withGroup("approval", 2);
    const [one, two] = others;
    if (one === undefined || two === undefined) throw new Error("two were registered");
    for (const client of [one, one, two]) {
      expect(await ask(client, group)).toMatchObject({ status: 202, body: { status: "waiting" } });
    }
    expect(await refusalOf(one, group)).toBe("conversation_not_found");
    expect(await waiting(owner, group)).toEqual([one.user.id, two.user.id]);
    const pages = await readPages<JoinRequest>(owner, `/groups/${group.id}/requests`, 1);
    expect(pages.flat().map(({ user }) => user)).toEqual([one.user, two.user]);

    const socket = await one.connect();
    const path = `/groups/${group.id}/requests/${one.user.id}`;
    expect(await owner.do<Member>("POST", `${path}/accept`)).toMatchObject({
      user: one.user,
      role: "member",
    });
    expect((await socket.next("group.joined")).group).toMatchObject({ id: group.id, memberCount: 2 });
    expect(await refusalOf(one, group)).toBeNull();
    expect(await ask(one, group)).toMatchObject({ status: 200, body: { role: "member" } });
    expect(await waiting(owner, group)).toEqual([two.user.id]);
    expectProblem(await owner.ask("POST", `${path}/accept`), "join_request_not_found");
    await socket.close();
  });

  it("lets its owner decline, and those who wait withdraw; both may ask again", async () => {
    const { owner, others, group } = await withGroup("approval", 2);
    const [one, two] = others;
    if (one === undefined || two === undefined) throw new Error("two were registered");
    await Promise.all([ask(one, group), ask(two, group)]);
    expect((await two.ask("DELETE", `/groups/${group.id}/members/me`)).status).toBe(204);
    expectProblem(await two.ask("DELETE", `/groups/${group.id}/members/me`), "member_not_found");
    const decline = `/groups/${group.id}/requests/${one.user.id}/decline`;
    expect((await owner.ask("POST", decline)).status).toBe(204);
    expectProblem(await owner.ask("POST", decline), "join_request_not_found");
    expect(await waiting(owner, group)).toEqual([]);
    expect(await ask(one, group)).toMatchObject({ status: 202 });
    expect(await waiting(owner, group)).toEqual([one.user.id]);
  });

  it("shows who waits to nobody else, and lets nobody else decide", async () => {
    const { owner, others, group } = await withGroup("approval", 2);
    const [member, stranger] = others;
    if (member === undefined || stranger === undefined) throw new Error("two were registered");
    await ask(member, group);
    await owner.do("POST", `/groups/${group.id}/requests/${member.user.id}/accept`);
    await ask(stranger, group);
    const path = `/groups/${group.id}/requests`;
    for (const client of [member, stranger]) {
      expectProblem(await client.ask("GET", path), "not_allowed");
      expectProblem(await client.ask("POST", `${path}/${stranger.user.id}/accept`), "not_allowed");
      expectProblem(await client.ask("POST", `${path}/${stranger.user.id}/decline`), "not_allowed");
    }
    expectProblem(await owner.ask("GET", "/groups/1/requests"), "group_not_found");
    await owner.do("PATCH", `/groups/${group.id}`, { joinPolicy: "invite" });
    expectProblem(await stranger.ask("GET", path), "group_not_found");
    expectProblem(await ask(stranger, group), "group_not_found");
    await owner.do("PATCH", `/groups/${group.id}`, { joinPolicy: "open" });
    expect(await ask(stranger, group)).toMatchObject({ status: 200 });
    expect(await waiting(owner, group)).toEqual([]);
  });

  it("lets somebody in once, when two admins accept at the same time", async () => {
    const { owner, others, group } = await withGroup("approval", 1);
    const [one] = others;
    if (one === undefined) throw new Error("one was registered");
    await ask(one, group);
    const path = `/groups/${group.id}/requests/${one.user.id}/accept`;
    const statuses = (await Promise.all([1, 2, 3].map(() => owner.ask("POST", path)))).map(
      ({ status }) => status,
    );
    expect(statuses.sort()).toEqual([200, 404, 404]);
    expect(await owner.do("GET", `/groups/${group.id}`)).toMatchObject({ memberCount: 2 });
  });
});

describe("an invite", () => {
  it("shows its group to whoever has it, and takes them in, whatever the join policy", async () => {
    for (const policy of ["open", "approval", "invite"] as const) {
      const { owner, others, group } = await withGroup(policy, 1);
      const [guest] = others;
      if (guest === undefined) throw new Error("one was registered");
      const invite = await invited(owner, group);
      expect(invite).toEqual({
        id: expect.stringMatching(/^\d+$/),
        token: expect.stringMatching(/^[\w-]{22}$/),
        url: expect.stringContaining(invite.token),
        uses: 0,
      });
      expect(await guest.do("GET", `/invites/${invite.token}`)).toMatchObject({
        id: group.id,
        role: null,
        memberCount: 1,
      });
      const socket = await guest.connect();
      expect(await accept(guest, invite)).toMatchObject({
        status: 200,
        body: { id: group.id, role: "member", memberCount: 2 },
      });
      await socket.next("group.joined", (event) => event.group.id === group.id);
      expect(await refusalOf(guest, group)).toBeNull();
      expect(await accept(guest, invite)).toMatchObject({
        status: 200,
        body: { role: "member", memberCount: 2 },
      });
      expect(await accept(owner, invite)).toMatchObject({ status: 200, body: { role: "owner" } });
      const { items } = await owner.do<Page<Invite>>("GET", `/groups/${group.id}/invites`);
      expect(items).toEqual([{ ...invite, uses: 1 }]);
      await socket.close();
    }
  });

  it("is spent by its last use, for one of those who race for it", async () => {
    const { owner, others, group } = await withGroup("invite", 6);
    const invite = await invited(owner, group, { maxUses: 2 });
    expect(invite).toMatchObject({ maxUses: 2, uses: 0 });
    const answers = await Promise.all(others.map((guest) => accept(guest, invite)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 404, 404, 404, 404]);
    expect(await owner.do("GET", `/groups/${group.id}`)).toMatchObject({ memberCount: 3 });
    for (const [index, guest] of others.entries()) {
      const again = await accept(guest, invite);
      if (answers[index]?.status === 200) expect(again.status).toBe(200);
      else expectProblem(again, "invite_not_found");
      expectProblem(await guest.ask("GET", `/invites/${invite.token}`), "invite_not_found");
    }
  });

  it("is not found once it has expired or was revoked, or when its group is gone", async () => {
    const { owner, others, group } = await withGroup("open", 1);
    const [guest] = others;
    if (guest === undefined) throw new Error("one was registered");
    const [short, revoked, last] = await Promise.all([
      invited(owner, group, { expiresIn: 1 }),
      invited(owner, group, { expiresIn: 60, maxUses: 5 }),
      invited(owner, group),
    ]);
    const lasts = Date.parse(revoked.expiresAt ?? "") - Date.now();
    expect(lasts).toBeGreaterThan(50_000);
    expect(lasts).toBeLessThanOrEqual(60_000);
    expect((await owner.ask("DELETE", `/groups/${group.id}/invites/${revoked.id}`)).status).toBe(204);
    expectProblem(await owner.ask("DELETE", `/groups/${group.id}/invites/${revoked.id}`), "invite_not_found");
    await expect.poll(async () => (await guest.ask("GET", `/invites/${short.token}`)).status).toBe(404);
    for (const invite of [short, revoked]) expectProblem(await accept(guest, invite), "invite_not_found");
    const { items } = await owner.do<Page<Invite>>("GET", `/groups/${group.id}/invites`);
    expect(items.map(({ id }) => id)).toEqual([last.id]);
    await owner.do("DELETE", `/groups/${group.id}`);
    expectProblem(await accept(guest, last), "invite_not_found");
    for (const token of ["abc", "0".repeat(22)]) {
      expectProblem(await guest.ask("GET", `/invites/${token}`), "invite_not_found");
    }
  });

  it("is made, seen and revoked by the owner and admins only", async () => {
    const { owner, others, group } = await withGroup("open", 2);
    const [member, stranger] = others;
    if (member === undefined || stranger === undefined) throw new Error("two were registered");
    await member.joinGroup(group);
    const invite = await invited(owner, group);
    const path = `/groups/${group.id}/invites`;
    for (const client of [member, stranger]) {
      expectProblem(await client.ask("POST", path, {}), "not_allowed");
      expectProblem(await client.ask("GET", path), "not_allowed");
      expectProblem(await client.ask("DELETE", `${path}/${invite.id}`), "not_allowed");
    }
    for (const terms of [{ expiresIn: 0 }, { maxUses: 0 }, { expiresIn: 1.5 }, { uses: 3 }]) {
      expectProblem(await owner.ask("POST", path, terms), "invalid_request");
    }
    await owner.do("PATCH", `/groups/${group.id}/members/${member.user.id}`, { role: "admin" });
    expect((await member.ask("POST", path, {})).status).toBe(201);
    const pages = await readPages<Invite>(member, path, 1);
    expect(pages.map((page) => page.length)).toEqual([1, 1]);
    expect((await member.ask("DELETE", `${path}/${invite.id}`)).status).toBe(204);
  });
});

describe("a deleted group", () => {
  it("is gone for everybody at once, with its history", async () => {
    const { owner, others, group } = await withGroup("open", 2);
    const [member, waiter] = others;
    if (member === undefined || waiter === undefined) throw new Error("two were registered");
    await member.joinGroup(group);
    await owner.post(group.conversation, "to be forgotten");
    await owner.do("PATCH", `/groups/${group.id}`, { joinPolicy: "approval" });
    await ask(waiter, group);
    expect(await refusalOf(member, group)).toBeNull();
    expectProblem(await member.ask("DELETE", `/groups/${group.id}`), "not_allowed");
    expectProblem(await waiter.ask("DELETE", `/groups/${group.id}`), "not_allowed");
    const sockets = await Promise.all([owner.connect(), member.connect()]);
    expect((await owner.ask("DELETE", `/groups/${group.id}`)).status).toBe(204);

    for (const client of [owner, member]) {
      expect(await refusalOf(client, group)).toBe("conversation_not_found");
      expectProblem(await client.ask("GET", `/groups/${group.id}`), "group_not_found");
      expectProblem(await client.ask("GET", `/groups/${group.id}/members`), "group_not_found");
      const path = `/conversations/${group.conversation}/messages`;
      expectProblem(await client.ask("GET", path), "conversation_not_found");
      expect(await client.conversations()).toEqual([]);
      expect((await client.sync()).conversations).toEqual([]);
    }
    for (const socket of sockets) {
      await socket.next("group.left", ({ groupId }) => groupId === group.id);
      await socket.close();
    }
    expectProblem(await owner.ask("DELETE", `/groups/${group.id}`), "group_not_found");
    expectProblem(await ask(waiter, group), "group_not_found");
  });
});
