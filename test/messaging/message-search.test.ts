import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import type { Message } from "../../schema/wire/message.ts";
import type { Page } from "../../schema/wire/page.ts";
import { expectProblem } from "../api/problem.ts";
import { Client } from "../harness/client.ts";
import { openClub, textOf, twoFriends } from "../harness/people.ts";
import { useSharedSystem } from "../harness/use-system.ts";

const system = useSharedSystem();

type Found = { message: Message; highlights: [number, number][] };

const search = (client: Client, query: Record<string, string>) =>
  client.do<Page<Found>>("GET", `/search/messages?${new URLSearchParams(query)}`);

/** Waits until a query finds so many messages. */
async function found(client: Client, query: string, count: number): Promise<Found[]> {
  await expect
    .poll(async () => (await search(client, { query })).items.length, { timeout: 20_000 })
    .toBe(count);
  return (await search(client, { query })).items;
}

/** The parts of a found text that are highlighted. */
function highlighted({ message, highlights }: Found): string[] {
  return highlights.map(([start, end]) => textOf(message).slice(start, end));
}

const operate = (client: Client, conversation: ConversationId, op: object) =>
  client.do("POST", "/operations", { operations: [{ conversation, clientId: randomUUID(), ...op }] });

describe("a search of messages", () => {
  it("finds beginnings of words in any case, and Chinese anywhere, with their places", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    await ada.post(conversation, "😀 Straße nach Überall");
    await ben.post(conversation, "我们明天去看电影");
    const [latin] = await found(ben, "STRASSE üb", 1);
    const [chinese] = await found(ada, "明天", 1);
    if (latin === undefined || chinese === undefined) throw new Error("both are found");
    expect(highlighted(latin)).toEqual(["Straße", "Üb"]);
    expect(latin.highlights).toEqual([
      [3, 9],
      [15, 17],
    ]);
    expect(highlighted(chinese)).toEqual(["明天"]);
    expect(chinese.message).toEqual((await ada.history(conversation))[1]);
    expect((await search(ada, { query: "raße" })).items).toEqual([]);
  });

  it("finds the newest first, page by page, in one conversation or of one person if asked", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const group = await ada.createGroup("Other");
    await ada.post(conversation, "apple one");
    await ben.post(conversation, "apple two");
    await ada.post(group.conversation, "apple three");
    const all = await found(ada, "apple", 3);
    expect(all.map(({ message }) => textOf(message)).sort()).toEqual([
      "apple one",
      "apple three",
      "apple two",
    ]);
    const ids = all.map(({ message }) => BigInt(message.id));
    expect(ids).toEqual(ids.toSorted((a, b) => (a > b ? -1 : 1)));
    const first = await search(ada, { query: "apple", limit: "2" });
    const second = await search(ada, { query: "apple", limit: "2", cursor: first.nextCursor ?? "" });
    expect([...first.items, ...second.items]).toEqual(all);
    expect(second.nextCursor).toBeNull();
    const texts = async (where: Record<string, string>) =>
      (await search(ada, { query: "apple", ...where })).items.map(({ message }) => textOf(message));
    expect(await texts({ conversation })).toEqual(["apple two", "apple one"]);
    expect(await texts({ senderId: ben.user.id })).toEqual(["apple two"]);
    expect(await texts({ senderId: ada.user.id, conversation })).toEqual(["apple one"]);
  });

  it("finds only what the caller may see now", async () => {
    const { owner, members, group } = await openClub(system().url, 1);
    const [member] = members;
    const stranger = await Client.register(system().url);
    if (member === undefined) throw new Error("there is a member");
    for (const word of ["stays", "edited", "recalled", "hidden"])
      await owner.post(group.conversation, `pear ${word}`);
    const before = await found(member, "pear", 4);
    const idOf = (word: string) =>
      before.find(({ message }) => textOf(message) === `pear ${word}`)?.message.id;
    await operate(owner, group.conversation, {
      op: "edit",
      messageId: idOf("edited"),
      content: { type: "text", text: "plum" },
    });
    await operate(owner, group.conversation, { op: "recall", messageId: idOf("recalled") });
    await member.do("DELETE", `/conversations/${group.conversation}/messages/${idOf("hidden")}`);
    expect((await found(member, "pear", 1)).map(({ message }) => textOf(message))).toEqual(["pear stays"]);
    expect(await found(owner, "pear", 2)).toHaveLength(2);
    expect(await found(member, "plum", 1)).toHaveLength(1);
    expect((await search(stranger, { query: "pear" })).items).toEqual([]);
    await member.do("DELETE", `/groups/${group.id}/members/me`);
    expect((await search(member, { query: "pear" })).items).toEqual([]);
  });

  it("is refused for a conversation of others, and when it is not valid", async () => {
    const { ada } = await twoFriends(system().url);
    const others = await twoFriends(system().url);
    const ask = (query: Record<string, string>) =>
      ada.ask("GET", `/search/messages?${new URLSearchParams(query)}`);
    expectProblem(await ask({ query: "x", conversation: others.conversation }), "conversation_not_found");
    const invalid = [{}, { query: " " }, { query: "x".repeat(65) }, { query: "x", conversation: "y" }];
    for (const query of [...invalid, { query: "x", senderId: "y" }, { query: "x", cursor: "y" }]) {
      expectProblem(await ask(query as Record<string, string>), "invalid_request");
    }
    expect((await search(ada, { query: "?!" })).items).toEqual([]);
  });
});
