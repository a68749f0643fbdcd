import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type ConversationId, directConversation } from "../../schema/wire/conversation-id.ts";
import type { ProblemCode } from "../../schema/wire/problem.ts";
import { Client } from "../harness/client.ts";
import { textOf, twoFriends } from "../harness/people.ts";
import type { Socket } from "../harness/socket.ts";
import { useSharedSystem } from "../harness/use-system.ts";

const system = useSharedSystem();

/** Expects a message to be refused with this code, over a socket and over HTTP. */
async function expectRefused(
  client: Client,
  socket: Socket,
  conversation: ConversationId,
  code: ProblemCode,
): Promise<void> {
  const sent = socket.send(conversation, "may I?");
  const { problem } = await socket.next("rejected", ({ clientId }) => clientId === sent);
  expect(problem.code).toBe(code);
  const content = { type: "text", text: "may I?" };
  const response = await client.ask("POST", "/messages", { conversation, clientId: randomUUID(), content });
  expect(response).toMatchObject({ status: problem.status, body: { code } });
}

describe("writing is refused", () => {
  it("to a stranger, until both are friends", async () => {
    const [ada, stranger] = await Promise.all([Client.register(system().url), Client.register(system().url)]);
    const conversation = directConversation(ada.user.id, stranger.user.id);
    const [adas, strangers] = await Promise.all([ada.connect(), stranger.connect()]);
    await expectRefused(stranger, strangers, conversation, "not_friends");
    await stranger.befriend(ada);
    await strangers.sendAccepted(conversation, "now I may");
    const { message } = await adas.written();
    expect(textOf(message)).toBe("now I may");
    expect(message.seq).toBe(1);
  });

  it("to a third person, for whom the conversation is not found", async () => {
    const { ada, conversation } = await twoFriends(system().url);
    const third = await Client.register(system().url);
    await third.befriend(ada);
    await expectRefused(third, await third.connect(), conversation, "conversation_not_found");
    expect(await third.ask("GET", `/conversations/${conversation}/messages`)).toMatchObject({ status: 404 });
    expect(await ada.history(conversation)).toEqual([]);
  });

  it("to both sides, as soon as the request that ends the friendship returns", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const [adas, bens] = await Promise.all([ada.connect(), ben.connect()]);
    await adas.sendAccepted(conversation, "friends");
    await bens.sendAccepted(conversation, "friends");
    await ada.do("DELETE", `/friends/${ben.user.id}`);
    await expectRefused(ben, bens, conversation, "not_friends");
    await expectRefused(ada, adas, conversation, "not_friends");
    await bens.next("friend.removed", ({ userId }) => userId === ada.user.id);
    expect((await ben.history(conversation)).map(textOf)).toEqual(["friends", "friends"]);
  });
});

describe("a text", () => {
  it.each([
    ["8,000 characters beyond the basic plane", "😀".repeat(8_000)],
    ["8,000 letters", "x".repeat(8_000)],
    ["joined emoji, flags and combining marks", "👩‍👩‍👧‍👦🏳️‍🌈🇯🇵 e\u0301 ﷽ ก็ नमस्ते"],
    ["writing in both directions", "שלום hello \u202eמרחבא\u202c مرحبا"],
    [
      "characters that are special in other languages",
      `"'\\ \n\r\t </script> \${x} %s '; DROP TABLE messages; -- [{"ev":1}]`,
    ],
    ["controls and separators", "\u0001\u001f\u007f\u2028\u2029\ufeff\uffff"],
    ["only white space", "  \n "],
  ])("is stored and delivered unchanged: %s", async (_, text) => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const [adas, bens] = await Promise.all([ada.connect(), ben.connect()]);
    await adas.sendAccepted(conversation, text);
    expect(textOf((await bens.written()).message)).toBe(text);
    await ben.post(conversation, text);
    await adas.messages(conversation, 2);
    expect((await ada.history(conversation)).map(textOf)).toEqual([text, text]);
  });

  it.each([
    ["an empty text", ""],
    ["8,001 characters", "x".repeat(8_001)],
    ["8,001 emoji", "😀".repeat(8_001)],
    ["U+0000", "a\u0000b"],
    ["a lone surrogate", "\ud83d"],
  ])("is rejected with an error that names the field: %s", async (_, text) => {
    const { ada, conversation } = await twoFriends(system().url);
    const socket = await ada.connect();
    const sent = socket.send(conversation, text);
    const { problem } = await socket.next("rejected", ({ clientId }) => clientId === sent);
    expect(problem).toMatchObject({ code: "invalid_request", status: 400 });
    expect(problem.errors).toMatchObject([{ path: "content.text", message: expect.any(String) }]);
    await socket.sendAccepted(conversation, "the socket stays open");
  });
});
