import { describe, expect, it } from "vitest";
import { ExportLine } from "../../schema/wire/export.ts";
import { Client } from "../harness/client.ts";
import { textOf, twoFriends } from "../harness/people.ts";
import { useSharedSystem } from "../harness/use-system.ts";

const system = useSharedSystem();

async function exported(client: Client): Promise<ExportLine[]> {
  const response = await fetch(`${system().url}/api/v1/users/me/export`, {
    headers: { authorization: `Bearer ${client.session.accessToken}` },
  });
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/x-ndjson");
  const lines = (await response.text()).trimEnd().split("\n");
  return lines.map((line) => ExportLine.parse(JSON.parse(line)));
}

/** Sends numbered messages, a hundred a request. */
async function write(client: Client, conversation: string, count: number): Promise<string[]> {
  const texts = Array.from({ length: count }, (_, index) => `${client.user.username} ${index}`);
  for (let start = 0; start < count; start += 100) {
    const operations = texts.slice(start, start + 100).map((text) => ({
      op: "send",
      conversation,
      clientId: crypto.randomUUID(),
      content: { type: "text", text },
    }));
    await client.do("POST", "/operations", { operations });
  }
  return texts;
}

describe("an export", () => {
  it("has all that concerns the caller, each once, page after page, and nothing else", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const stranger = await Client.register(system().url);
    await ada.do("PATCH", "/users/me", { about: "Likes mountains" });
    const group = await ben.createGroup("Both");
    await ada.joinGroup(group);
    const elsewhere = await ben.createGroup("Without her");
    await stranger.joinGroup(elsewhere);
    await stranger.post(elsewhere.conversation, "not for her");
    await ada.do("PUT", `/blocks/${stranger.user.id}`);
    await ada.do("PATCH", `/conversations/${conversation}`, { pinned: true, draft: "Dear Ben" });
    // The messages of each conversation take more than one page, and a page ends within a conversation.
    const [toBen, toGroup] = await Promise.all([
      write(ada, conversation, 250),
      write(ben, group.conversation, 470),
    ]);
    const stored = async () =>
      Promise.all([conversation, group.conversation].map(async (id) => (await ada.history(id)).length));
    await expect
      .poll(async () => Math.min(...(await stored())), { timeout: 30_000 })
      .toBeGreaterThanOrEqual(250);
    await expect
      .poll(async () => Math.max(...(await stored())), { timeout: 30_000 })
      .toBeGreaterThanOrEqual(470);

    const [hidden] = await ada.history(conversation);
    await ada.do("DELETE", `/conversations/${conversation}/messages/${hidden?.id}`);

    const lines = await exported(ada);
    const of = <Kind extends ExportLine["kind"]>(kind: Kind) =>
      lines.filter((line): line is Extract<ExportLine, { kind: Kind }> => line.kind === kind);
    const kinds = [...new Set(lines.map(({ kind }) => kind))];
    expect(kinds).toEqual(["profile", "session", "friend", "block", "group", "conversation", "message"]);
    expect(of("profile")).toMatchObject([{ user: { ...ada.user, about: "Likes mountains" } }]);
    expect(of("session")).toHaveLength(1);
    expect(of("friend")).toMatchObject([{ user: ben.user }]);
    expect(of("block")).toMatchObject([{ user: stranger.user }]);
    expect(of("group")).toMatchObject([{ group: { id: group.id, name: "Both" }, role: "member" }]);
    expect(of("conversation").map((line) => line.conversation)).toMatchObject([
      { id: conversation, lastSeq: 250, peer: ben.user, pinned: true, draft: "Dear Ben" },
      { id: group.conversation, firstSeq: 1 },
    ]);
    const messages = of("message").map(({ message }) => message);
    const textsIn = (id: string) => messages.filter((message) => message.conversation === id).map(textOf);
    expect(textsIn(conversation)).toEqual(toBen.slice(1));
    expect(textsIn(group.conversation).filter((text) => toGroup.includes(text))).toEqual(toGroup);
    expect(new Set(messages.map(({ id }) => id)).size).toBe(messages.length);
    expect(new Set(messages.map((message) => message.conversation)).size).toBe(2);
  });

  it("of a new account is its profile and its session", async () => {
    expect(await exported(await Client.register(system().url))).toMatchObject([
      { kind: "profile" },
      { kind: "session" },
    ]);
  });
});
