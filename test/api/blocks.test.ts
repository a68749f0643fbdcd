import { describe, expect, it } from "vitest";
import { directConversation } from "../../schema/wire/conversation-id.ts";
import type { Friend, FriendRequest } from "../../schema/wire/friend.ts";
import type { Page } from "../../schema/wire/page.ts";
import type { User } from "../../schema/wire/user.ts";
import { Client } from "../harness/client.ts";
import { textOf, twoFriends } from "../harness/people.ts";
import { useSharedSystem } from "../harness/use-system.ts";
import { readPages } from "./pages.ts";
import { expectProblem } from "./problem.ts";

const system = useSharedSystem();
const two = async () => {
  const [ada, ben] = await Client.registerMany(system().url, 2);
  if (ada === undefined || ben === undefined) throw new Error("two were registered");
  return { ada, ben };
};
const block = (one: Client, other: Client) => one.ask("PUT", `/blocks/${other.user.id}`);
const unblock = (one: Client, other: Client) => one.ask("DELETE", `/blocks/${other.user.id}`);
const blocked = async (client: Client) => (await client.do<Page<User>>("GET", "/blocks")).items;
const friends = async (client: Client) => (await client.do<Page<Friend>>("GET", "/friends")).items;
const ask = (asker: Client, asked: Client) =>
  asker.ask<FriendRequest>("POST", "/friends/requests", { userId: asked.user.id });
const open = async (client: Client) =>
  (await client.do<Page<FriendRequest>>("GET", "/friends/requests?direction=incoming")).items;
const write = (one: Client, other: Client) =>
  one.ask("POST", "/messages", {
    conversation: directConversation(one.user.id, other.user.id),
    clientId: crypto.randomUUID(),
    content: { type: "text", text: "hello" },
  });

describe("a block", () => {
  it("makes strangers of two friends, in both directions, until it is lifted", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    await ada.post(conversation, "before");
    await expect.poll(async () => (await ben.history(conversation)).length).toBe(1);
    const [adas, bens] = await Promise.all([ada.connect(), ben.connect()]);
    expect((await block(ada, ben)).status).toBe(204);

    expect(await blocked(ada)).toEqual([ben.user]);
    expect(await blocked(ben)).toEqual([]);
    expect([await friends(ada), await friends(ben)]).toEqual([[], []]);
    await adas.next("friend.removed", ({ userId }) => userId === ben.user.id);
    await bens.next("friend.removed", ({ userId }) => userId === ada.user.id);
    for (const [one, other] of [
      [ada, ben],
      [ben, ada],
    ] as const) {
      expectProblem(await write(one, other), "not_friends");
      expectProblem(await ask(one, other), "not_friends");
    }
    expect(await ben.history(conversation)).toHaveLength(1);

    expect((await unblock(ada, ben)).status).toBe(204);
    expect(await blocked(ada)).toEqual([]);
    expect((await adas.next("friend.added")).friend.user).toEqual(ben.user);
    expect((await bens.next("friend.added")).friend.user).toEqual(ada.user);
    expect((await write(ben, ada)).status).toBe(202);
    await Promise.all([adas.close(), bens.close()]);
  });

  it("that is mutual ends when neither blocks the other, whoever blocked first", async () => {
    const { ada, ben } = await twoFriends(system().url);
    await block(ada, ben);
    await block(ben, ada);
    await unblock(ada, ben);
    expect(await friends(ada)).toEqual([]);
    expectProblem(await ask(ada, ben), "not_friends");
    await unblock(ben, ada);
    expect(await friends(ada)).toMatchObject([{ user: ben.user }]);
    expect((await write(ada, ben)).status).toBe(202);
  });

  it("deletes the open requests of both, and leaves strangers strangers", async () => {
    const { ada, ben } = await two();
    const { body } = await ask(ben, ada);
    await block(ada, ben);
    expect(await open(ada)).toEqual([]);
    expectProblem(await ada.ask("POST", `/friends/requests/${body.id}/accept`), "friend_request_not_found");
    await unblock(ada, ben);
    expect(await friends(ada)).toEqual([]);
    expect((await ask(ben, ada)).status).toBe(201);
  });

  it("that races with the acceptance of a request leaves no friendship", async () => {
    for (let round = 0; round < 4; round++) {
      const { ada, ben } = await two();
      const { body } = await ask(ben, ada);
      await Promise.all([
        block(ben, ada),
        ada.ask("POST", `/friends/requests/${body.id}/accept`),
        ask(ada, ben),
      ]);
      expect([await friends(ada), await friends(ben), await open(ben)]).toEqual([[], [], []]);
      expectProblem(await write(ada, ben), "not_friends");
    }
  });

  it("hides each from the other: neither hears of the other's coming and going", async () => {
    const { ada, ben } = await twoFriends(system().url);
    const adas = await ada.connect();
    await block(ben, ada);
    await adas.next("friend.removed");
    const bens = await ben.connect();
    await bens.close();
    const third = await Client.register(system().url);
    await third.befriend(ada);
    const thirds = await third.connect();
    await adas.next("presence", ({ userId }) => userId === third.user.id);
    expect(adas.all("presence").filter(({ userId }) => userId === ben.user.id)).toEqual([]);
    await Promise.all([adas.close(), thirds.close()]);
  });

  it("does not touch the groups that both are in", async () => {
    const { ada, ben } = await two();
    const group = await ada.createGroup("Both");
    await ben.joinGroup(group);
    const bens = await ben.connect();
    await block(ada, ben);
    await ada.post(group.conversation, "still here");
    await bens.next("message", ({ message }) => textOf(message) === "still here");
    await bens.close();
  });

  it("may be made and lifted again and again, but not of oneself or of nobody", async () => {
    const { ada, ben } = await two();
    for (const act of [block, block, unblock, unblock]) expect((await act(ada, ben)).status).toBe(204);
    expectProblem(await block(ada, ada), "self_block");
    for (const id of ["1", "nobody"]) {
      expectProblem(await ada.ask("PUT", `/blocks/${id}`), "user_not_found");
      expectProblem(await ada.ask("DELETE", `/blocks/${id}`), "user_not_found");
    }
  });

  it("is listed page by page", async () => {
    const [ada, ...others] = await Client.registerMany(system().url, 4);
    if (ada === undefined) throw new Error("four were registered");
    await Promise.all(others.map((other) => block(ada, other)));
    const pages = await readPages<User>(ada, "/blocks", 2);
    expect(pages.map((page) => page.length)).toEqual([2, 1]);
    expect(new Set(pages.flat().map(({ id }) => id))).toEqual(new Set(others.map(({ user }) => user.id)));
  });
});
