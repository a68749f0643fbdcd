import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Group } from "../../schema/wire/group.ts";
import type { Message, Notice } from "../../schema/wire/message.ts";
import { expectProblem } from "../api/problem.ts";
import { Client } from "../harness/client.ts";
import { expectSound } from "../harness/history.ts";
import { openClub } from "../harness/people.ts";
import { useSharedSystem } from "../harness/use-system.ts";

const system = useSharedSystem();

/** What a history mentions: who did what, in order. */
function noticesOf(history: Message[]): [string, Notice][] {
  return history.flatMap(({ senderId, content }) =>
    content?.type === "notice" ? [[senderId, content.notice]] : [],
  );
}

/** A club with one member beside the owner, once its first notices are stored. */
async function pairClub() {
  const { owner, members, group } = await openClub(system().url, 1);
  const [member] = members;
  if (member === undefined) throw new Error("nobody has joined");
  await settled(owner, group, 2);
  return { owner, member, group };
}

/** Waits until a group has this many messages. */
async function settled(client: Client, { conversation }: Group, count: number): Promise<void> {
  await expect.poll(async () => (await client.wholeHistory(conversation)).length).toBe(count);
}

async function unreadOf(client: Client, { conversation }: Group): Promise<number | undefined> {
  return (await client.conversations()).find(({ id }) => id === conversation)?.unread;
}

describe("a notice", () => {
  it("tells everybody, in history, in sync and on sockets, who did what", async () => {
    const { owner, member, group } = await pairClub();
    const sockets = await Promise.all([owner.connect(), member.connect()]);
    await owner.do("PATCH", `/groups/${group.id}`, { name: "Sailors" });
    await owner.do("PATCH", `/groups/${group.id}`, { name: "Sailors", description: "We sail." });
    const leaver = await Client.register(system().url);
    await leaver.joinGroup(group);
    await leaver.do("DELETE", `/groups/${group.id}/members/me`);
    await settled(owner, group, 5);

    const history = await member.wholeHistory(group.conversation);
    expectSound(history);
    expect(noticesOf(history)).toEqual([
      [owner.user.id, { kind: "created" }],
      [member.user.id, { kind: "joined", userIds: [member.user.id] }],
      [owner.user.id, { kind: "renamed", name: "Sailors" }],
      [leaver.user.id, { kind: "joined", userIds: [leaver.user.id] }],
      [leaver.user.id, { kind: "left", userId: leaver.user.id }],
    ]);
    const { conversations } = await member.sync();
    expect(conversations).toMatchObject([{ id: group.conversation, lastSeq: 5, rev: 5, messages: history }]);
    for (const socket of sockets) {
      await socket.next("message", ({ message }) => message.seq === 5);
      expect(socket.all("message").map(({ message }) => message)).toEqual(history.slice(2));
      await socket.close();
    }
  });

  it("does not count as unread, and reading past it counts what comes later", async () => {
    const { owner, member, group } = await pairClub();
    expect([await unreadOf(owner, group), await unreadOf(member, group)]).toEqual([0, 0]);
    await owner.post(group.conversation, "one");
    await settled(owner, group, 3);
    await owner.do("PATCH", `/groups/${group.id}`, { name: "Sailors" });
    await settled(owner, group, 4);
    await owner.post(group.conversation, "two");
    await settled(owner, group, 5);
    expect([await unreadOf(owner, group), await unreadOf(member, group)]).toEqual([0, 2]);
    for (const [seq, unread] of [
      [2, 2],
      [3, 1],
      [4, 1],
      [5, 0],
    ]) {
      await member.do("PUT", `/conversations/${group.conversation}/read`, { seq });
      expect(await unreadOf(member, group)).toBe(unread);
    }
    await owner.do("PATCH", `/groups/${group.id}`, { name: "Rowers" });
    await settled(owner, group, 6);
    expect([await unreadOf(owner, group), await unreadOf(member, group)]).toEqual([0, 0]);
    await member.post(group.conversation, "three");
    await settled(owner, group, 7);
    expect([await unreadOf(owner, group), await unreadOf(member, group)]).toEqual([1, 0]);
  });

  it("of coming back comes after all that counts as read: what the person wrote before they left, too", async () => {
    const { owner, member, group } = await pairClub();
    await owner.post(group.conversation, "one");
    await member.post(group.conversation, "two");
    await settled(owner, group, 4);
    await member.do("DELETE", `/groups/${group.id}/members/me`);
    await settled(owner, group, 5);
    await member.joinGroup(group);
    await settled(owner, group, 6);
    expect(await unreadOf(member, group)).toBe(0);
    await owner.post(group.conversation, "three");
    await settled(owner, group, 7);
    expect(await unreadOf(member, group)).toBe(1);
    const newcomer = await Client.register(system().url);
    await newcomer.joinGroup(group);
    expect(await unreadOf(newcomer, group)).toBe(3);
  });

  it("cannot be sent, edited or recalled by anybody", async () => {
    const { owner, group } = await pairClub();
    const { conversation } = group;
    const [notice] = await owner.wholeHistory(conversation);
    const content = { type: "notice", notice: { kind: "created" } };
    const fake = { conversation, clientId: randomUUID(), content };
    expectProblem(await owner.ask("POST", "/messages", fake), "invalid_request");
    const target = { conversation, messageId: notice?.id };
    const operations = [
      { op: "recall", clientId: randomUUID(), ...target },
      { op: "edit", clientId: randomUUID(), ...target, content: { type: "text", text: "no" } },
    ];
    const { results } = await owner.do<{ results: unknown[] }>("POST", "/operations", { operations });
    expect(results).toMatchObject([
      { problem: { code: "not_allowed" } },
      { problem: { code: "not_allowed" } },
    ]);
    expect((await owner.wholeHistory(conversation))[0]).toEqual(notice);
  });
});
