import { describe, expect, it } from "vitest";
import { Client } from "../harness/client.ts";
import { expectInOrder, expectSound } from "../harness/history.ts";
import { heard, isNotice, numbered, openClub, textOf } from "../harness/people.ts";
import { useSharedSystem } from "../harness/use-system.ts";

const system = useSharedSystem();

describe("a group's message", () => {
  it("reaches every device of every member, from any sender and in all buckets", async () => {
    const { everybody, group } = await openClub(system().url, 7);
    const devices = [...everybody, ...everybody];
    const sockets = await Promise.all(devices.map((client) => client.connect()));
    const said = new Map(everybody.map(({ user }) => [user.id, numbered(user.username, 5)]));
    for (const [index, client] of everybody.entries()) {
      for (const text of said.get(client.user.id) ?? []) sockets[index]?.send(group.conversation, text);
    }
    await Promise.all(sockets.map((socket) => socket.messages(group.conversation, 40)));

    const history = await everybody[0]?.history(group.conversation);
    expectSound((await everybody[0]?.wholeHistory(group.conversation)) ?? []);
    expectInOrder(history ?? [], said);
    for (const socket of sockets) expect(heard(socket, group.conversation)).toEqual(history);
  });

  it("reaches a member who joins while online, from the first message after the join", async () => {
    const { owner, group } = await openClub(system().url, 0);
    const newcomer = await Client.register(system().url);
    const [owners, newcomers] = await Promise.all([owner.connect(), newcomer.connect()]);
    await owners.sendAccepted(group.conversation, "before");
    await owners.messages(group.conversation, 1);

    await newcomer.joinGroup(group);
    await newcomers.next("group.joined", (event) => event.group.id === group.id);
    await owners.sendAccepted(group.conversation, "after");
    await newcomers.next("message", ({ message }) => textOf(message) === "after");
    expect((await newcomer.history(group.conversation)).map(textOf)).toEqual(["before", "after"]);
    await newcomers.sendAccepted(group.conversation, "thanks");
    await owners.next("message", ({ message }) => textOf(message) === "thanks");
  });

  it("is not missed by a member who joins while the group is busy, syncs, and follows the socket", async () => {
    const { owner, group } = await openClub(system().url, 0);
    const newcomer = await Client.register(system().url);
    const [owners, newcomers] = await Promise.all([owner.connect(), newcomer.connect()]);
    const texts = numbered("busy", 300);
    const writing = (async () => {
      for (const text of texts) await owners.sendAccepted(group.conversation, text);
    })();
    await owners.messages(group.conversation, 50);
    await newcomer.joinGroup(group);
    await newcomers.next("group.joined");
    const { conversations } = await newcomer.sync();
    await writing;
    await newcomers.next("message", ({ message }) => textOf(message) === texts.at(-1));

    const synced = conversations.flatMap(({ messages }) => messages);
    const got = [...synced, ...heard(newcomers, group.conversation)];
    const { more, rev } = conversations[0] ?? { more: false, rev: 0 };
    const rest = more ? await newcomer.sync({ [group.conversation]: rev }) : { conversations: [] };
    const all = [...got, ...rest.conversations.flatMap(({ messages }) => messages)];
    const written = all.filter((message) => !isNotice(message));
    const bySeq = new Map(written.map((message) => [message.seq, textOf(message)]));
    expect([...bySeq].sort(([a], [b]) => a - b).map(([, text]) => text)).toEqual(texts);
  });

  it("reaches members who were online when another person added them", async () => {
    const [owner, friend] = await Promise.all([Client.register(system().url), Client.register(system().url)]);
    const direct = await owner.befriend(friend);
    const friends = await friend.connect();
    const group = await owner.do<{ conversation: typeof direct }>("POST", "/groups", {
      name: "Added",
      memberIds: [friend.user.id],
    });
    await friends.next("group.joined");
    await owner.post(group.conversation, "welcome");
    const { message } = await friends.next("message", (event) => textOf(event.message) === "welcome");
    expect(message).toMatchObject({ conversation: group.conversation, seq: 2 });
  });
});

describe("a member who leaves a group", () => {
  it("gets nothing more of it on any device, and cannot read it", async () => {
    const { owner, members, group } = await openClub(system().url, 2);
    const [leaver, stayer] = members;
    if (leaver === undefined || stayer === undefined) throw new Error("expected two members");
    const direct = await owner.befriend(leaver);
    const [owners, stayers, ...leavers] = await Promise.all([
      ...[owner.connect(), stayer.connect()],
      ...[leaver.connect(), leaver.connect()],
    ]);
    await owners?.sendAccepted(group.conversation, "all of us");
    for (const socket of leavers) await socket.messages(group.conversation, 1);

    await leaver.do("DELETE", `/groups/${group.id}/members/me`);
    for (const socket of leavers) await socket.next("group.left", ({ groupId }) => groupId === group.id);
    await owners?.sendAccepted(group.conversation, "without them");
    await stayers?.next("message", ({ message }) => textOf(message) === "without them");
    await owners?.sendAccepted(direct, "still friends");

    for (const socket of leavers) {
      await socket.next("message", ({ message }) => message.conversation === direct);
      expect(heard(socket, group.conversation).map(textOf)).toEqual(["all of us"]);
    }
    const path = `/conversations/${group.conversation}/messages`;
    expect(await leaver.ask("GET", path)).toMatchObject({ status: 404 });
    expect((await leaver.sync()).conversations.map(({ id }) => id)).toEqual([direct]);
    const sent = leavers[0]?.send(group.conversation, "let me in");
    const rejected = await leavers[0]?.next("rejected", ({ clientId }) => clientId === sent);
    expect(rejected?.problem.code).toBe("conversation_not_found");
  });

  it("gets it again after joining again, with the messages in between", async () => {
    const { owner, members, group } = await openClub(system().url, 1);
    const [wanderer] = members;
    if (wanderer === undefined) throw new Error("expected one member");
    const [owners, wanderers] = await Promise.all([owner.connect(), wanderer.connect()]);
    await wanderer.do("DELETE", `/groups/${group.id}/members/me`);
    await wanderers.next("group.left");
    await owners.sendAccepted(group.conversation, "meanwhile");
    await wanderer.joinGroup(group);
    await wanderers.next("group.joined");
    await owners.sendAccepted(group.conversation, "welcome back");
    await wanderers.next("message", ({ message }) => textOf(message) === "welcome back");
    expect((await wanderer.history(group.conversation)).map(textOf)).toEqual(["meanwhile", "welcome back"]);
  });
});
