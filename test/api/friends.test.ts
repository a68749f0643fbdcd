import { describe, expect, it } from "vitest";
import { directConversation } from "../../schema/wire/conversation-id.ts";
import type { Friend, FriendRequest } from "../../schema/wire/friend.ts";
import type { Page } from "../../schema/wire/page.ts";
import { Client } from "../harness/client.ts";
import { useSharedSystem } from "../harness/use-system.ts";
import { readPages } from "./pages.ts";
import { expectProblem } from "./problem.ts";

const system = useSharedSystem();
const two = async () => {
  const [one, other] = await Client.registerMany(system().url, 2);
  if (one === undefined || other === undefined) throw new Error("two were registered");
  return { one, other };
};
const ask = (asker: Client, asked: Client, note?: string) =>
  asker.ask<FriendRequest>("POST", "/friends/requests", { userId: asked.user.id, note });
const open = async (client: Client, direction: string) =>
  (await client.do<Page<FriendRequest>>("GET", `/friends/requests?direction=${direction}`)).items;
const friends = async (client: Client) => (await client.do<Page<Friend>>("GET", "/friends")).items;

describe("a friend request", () => {
  it("is listed on both sides until it is accepted, and then both are friends", async () => {
    const { one, other } = await two();
    const socket = await other.connect();
    const { status, body } = await ask(one, other, "  it is me ");
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.any(String),
      from: one.user,
      to: other.user,
      note: "it is me",
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
    expect(await open(one, "outgoing")).toEqual([body]);
    expect(await open(other, "incoming")).toEqual([body]);
    expect(await open(other, "outgoing")).toEqual([]);
    expect((await socket.next("friend.requested")).request).toEqual(body);

    const accepted = await other.do<Friend>("POST", `/friends/requests/${body.id}/accept`);
    const conversation = directConversation(one.user.id, other.user.id);
    expect(accepted).toMatchObject({ user: one.user, conversation });
    expect(await open(one, "outgoing")).toEqual([]);
    expect(await friends(one)).toMatchObject([{ user: other.user, conversation }]);
    expect(await friends(other)).toMatchObject([{ user: one.user, conversation }]);
    expect((await socket.next("friend.added")).friend.user).toEqual(one.user);
    await socket.close();
  });

  it("makes both friends when the other person has already sent one", async () => {
    const { one, other } = await two();
    expect((await ask(one, other)).body.note).toBeNull();
    const response = await ask(other, one);
    expect(response.status).toBe(200);
    expect(response.body).toMatchObject({ user: one.user, online: false, lastSeenAt: null });
    expect(await open(other, "incoming")).toEqual([]);
  });

  it("makes both friends when two cross", async () => {
    const { one, other } = await two();
    const responses = await Promise.all([ask(one, other), ask(other, one)]);
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 201]);
    expect(await friends(one)).toHaveLength(1);
    expect(await friends(other)).toHaveLength(1);
  });

  it("is refused a second time, and to a friend, oneself or an unknown user", async () => {
    const { one, other } = await two();
    await ask(one, other);
    expectProblem(await ask(one, other), "already_requested");
    await ask(other, one);
    expectProblem(await ask(one, other), "already_friends");
    expectProblem(await ask(one, one), "self_request");
    expectProblem(await one.ask("POST", "/friends/requests", { userId: "1" }), "user_not_found");
    expectProblem(await one.ask("POST", "/friends/requests", { userId: "one" }), "invalid_request");
  });

  it("can be declined, and sent again", async () => {
    const { one, other } = await two();
    const { body } = await ask(one, other);
    expect((await other.ask("POST", `/friends/requests/${body.id}/decline`)).status).toBe(204);
    expectProblem(await other.ask("POST", `/friends/requests/${body.id}/accept`), "friend_request_not_found");
    expect(await friends(one)).toEqual([]);
    expect((await ask(one, other)).status).toBe(201);
  });

  it("is accepted or declined only by its recipient", async () => {
    const { one, other } = await two();
    const stranger = await Client.register(system().url);
    const { body } = await ask(one, other);
    for (const client of [one, stranger]) {
      for (const action of ["accept", "decline"]) {
        expectProblem(
          await client.ask("POST", `/friends/requests/${body.id}/${action}`),
          "friend_request_not_found",
        );
      }
    }
    expectProblem(await one.ask("POST", "/friends/requests/abc/accept"), "friend_request_not_found");
  });
});

describe("friends", () => {
  it("may write to each other until one ends it; the conversation stays readable", async () => {
    const { one, other } = await two();
    const conversation = directConversation(one.user.id, other.user.id);
    const write = () =>
      one.ask("POST", "/messages", {
        conversation,
        clientId: crypto.randomUUID(),
        content: { type: "text", text: "hello" },
      });
    expectProblem(await write(), "not_friends");
    await one.befriend(other);
    expect((await write()).status).toBe(202);

    const socket = await one.connect();
    await expect.poll(async () => (await one.history(conversation)).length).toBe(1);
    expect((await other.ask("DELETE", `/friends/${one.user.id}`)).status).toBe(204);
    expect((await socket.next("friend.removed")).userId).toBe(other.user.id);
    expectProblem(await write(), "not_friends");
    expectProblem(await other.ask("DELETE", `/friends/${one.user.id}`), "friend_not_found");
    expect(await friends(one)).toEqual([]);
    expect(await one.history(conversation)).toHaveLength(1);
    await one.befriend(other);
    expect((await write()).status).toBe(202);
    await socket.close();
  });

  it("are listed page by page, each once", async () => {
    const [one, ...others] = await Client.registerMany(system().url, 6);
    if (one === undefined) throw new Error("six were registered");
    await Promise.all(others.map((other) => one.befriend(other)));
    const pages = await readPages<Friend>(one, "/friends", 2);
    expect(pages.map((page) => page.length)).toEqual([2, 2, 1]);
    expect(
      pages
        .flat()
        .map(({ user }) => user.id)
        .sort(),
    ).toEqual(others.map(({ user }) => user.id).sort());
    expectProblem(await one.ask("GET", "/friends?cursor=nonsense"), "invalid_request");
    expectProblem(await one.ask("GET", "/friends?limit=201"), "invalid_request");
    expectProblem(await one.ask("GET", "/friends?limit=0"), "invalid_request");
  });

  it("are online while they have a socket, and were last seen when it closed", async () => {
    const { one, other } = await two();
    await one.befriend(other);
    const socket = await other.connect();
    await expect.poll(() => friends(one)).toMatchObject([{ online: true, lastSeenAt: null }]);
    await socket.close();
    await expect
      .poll(() => friends(one), { timeout: 10_000 })
      .toMatchObject([{ online: false, lastSeenAt: expect.any(String) }]);
  });
});
