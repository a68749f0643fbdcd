import { describe, expect, it } from "vitest";
import type { SignedIn } from "../../schema/wire/account.ts";
import type { Friend, FriendRequest } from "../../schema/wire/friend.ts";
import type { Group, Member } from "../../schema/wire/group.ts";
import type { Page } from "../../schema/wire/page.ts";
import type { User } from "../../schema/wire/user.ts";
import { Client, request } from "../harness/client.ts";
import { textOf, twoFriends } from "../harness/people.ts";
import { useSharedSystem } from "../harness/use-system.ts";
import { expectProblem } from "./problem.ts";
import { refusalOf } from "./writing.ts";

const system = useSharedSystem();
const password = "correct horse battery";
const remove = (client: Client, word = password) => client.ask("DELETE", "/users/me", { password: word });
const list = async <Item>(client: Client, path: string) => (await client.do<Page<Item>>("GET", path)).items;
const login = ({ user: { username } }: Client) =>
  request(system().url, "POST", "/auth/login", { body: { username, password } });

describe("deleting an account", () => {
  it("requires the password", async () => {
    const client = await Client.register(system().url);
    expectProblem(await remove(client, "something else"), "bad_credentials");
    expectProblem(await client.ask("DELETE", "/users/me", {}), "invalid_request");
    expect((await client.ask("GET", "/users/me")).status).toBe(200);
  });

  it("ends every session, and frees the name", async () => {
    const client = await Client.register(system().url);
    const other = await client.loginAgain();
    const sockets = await Promise.all([client.connect(), other.connect()]);
    expect((await remove(client)).status).toBe(204);
    for (const socket of sockets) expect((await socket.closed).code).toBe(4001);
    for (const device of [client, other]) {
      expectProblem(await device.ask("GET", "/users/me"), "unauthenticated");
      const { refreshToken } = device.session;
      const refreshed = await request(system().url, "POST", "/auth/refresh", { body: { refreshToken } });
      expectProblem(refreshed, "invalid_refresh_token");
    }
    expectProblem(await login(client), "bad_credentials");
    const { username } = client.user;
    const again = await Client.register(system().url, { username });
    expect(again.user.id).not.toBe(client.user.id);
    expect((await login(again)).body as SignedIn).toMatchObject({ user: again.user });
  });

  it("leaves what was written, under a user without a name", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    await ada.do("PATCH", "/users/me", { about: "Likes mountains", displayName: "Ada the First" });
    await ada.post(conversation, "I was here");
    await expect.poll(async () => (await ben.history(conversation)).length).toBe(1);
    const bens = await ben.connect();
    await remove(ada);

    const tombstone = { id: ada.user.id, displayName: "", avatarUrl: null, deleted: true };
    const found = await ben.do<User>("GET", `/users/${ada.user.id}`);
    expect(found).toEqual({ ...tombstone, username: `deleted-${ada.user.id}` });
    expect(await list<User>(ben, `/users?query=${encodeURIComponent(ada.user.username)}`)).toEqual([]);
    expect(await list<User>(ben, `/users?query=deleted-${ada.user.id}`)).toEqual([]);
    expect((await ben.history(conversation)).map((message) => [message.senderId, textOf(message)])).toEqual([
      [ada.user.id, "I was here"],
    ]);
    expect(await ben.conversations()).toMatchObject([{ id: conversation, peer: tombstone }]);
    await bens.next("friend.removed", ({ userId }) => userId === ada.user.id);
    expect(await list<Friend>(ben, "/friends")).toEqual([]);
    const message = { conversation, clientId: crypto.randomUUID(), content: { type: "text", text: "?" } };
    expectProblem(await ben.ask("POST", "/messages", message), "not_friends");
    await bens.close();
  });

  it("removes the person's requests and blocks, and nobody can make new ones", async () => {
    const [ada, ben, cleo] = await Client.registerMany(system().url, 3);
    if (!ada || !ben || !cleo) throw new Error("three were registered");
    await ada.do("POST", "/friends/requests", { userId: ben.user.id });
    await cleo.do("POST", "/friends/requests", { userId: ada.user.id });
    await ben.do("PUT", `/blocks/${ada.user.id}`);
    await remove(ada);
    expect(await list<FriendRequest>(ben, "/friends/requests")).toEqual([]);
    expect(await list<FriendRequest>(cleo, "/friends/requests?direction=outgoing")).toEqual([]);
    expect(await list<User>(ben, "/blocks")).toEqual([]);
    expectProblem(await cleo.ask("POST", "/friends/requests", { userId: ada.user.id }), "user_not_found");
    expectProblem(await cleo.ask("PUT", `/blocks/${ada.user.id}`), "user_not_found");
  });

  it("leaves the person's groups, and hands over those that they own", async () => {
    const [ada, ben, cleo] = await Client.registerMany(system().url, 3);
    if (!ada || !ben || !cleo) throw new Error("three were registered");
    const [owned, joined, lonely] = await Promise.all([
      ada.createGroup("Owned"),
      ben.createGroup("Joined"),
      ada.createGroup("Lonely"),
    ]);
    for (const client of [ben, cleo]) await client.joinGroup(owned);
    await ada.joinGroup(joined);
    const cleos = await cleo.connect();
    await remove(ada);

    expect(await cleo.do<Group>("GET", `/groups/${owned.id}`)).toMatchObject({ memberCount: 2 });
    expect(await ben.do<Group>("GET", `/groups/${joined.id}`)).toMatchObject({ memberCount: 1 });
    expectProblem(await ben.ask("GET", `/groups/${lonely.id}`), "group_not_found");
    const members = await list<Member>(ben, `/groups/${owned.id}/members`);
    expect(members.map(({ user, role }) => [user.id, role])).toEqual([
      [ben.user.id, "owner"],
      [cleo.user.id, "member"],
    ]);
    await cleos.next("group.updated", ({ group }) => group.id === owned.id && group.memberCount === 2);
    const left = { type: "notice", notice: { kind: "left", userId: ada.user.id } };
    for (const { conversation } of [owned, joined]) {
      await expect
        .poll(async () => (await ben.wholeHistory(conversation)).at(-1))
        .toMatchObject({ senderId: ada.user.id, content: left });
    }
    await ben.do("PATCH", `/groups/${owned.id}`, { posting: "admins" });
    expect(await refusalOf(ben, owned)).toBeNull();
    expect(await refusalOf(cleo, owned)).toBe("not_allowed");
    await cleos.close();
  });
});
