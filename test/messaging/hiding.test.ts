import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Conversation } from "../../schema/wire/conversation.ts";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import type { Message } from "../../schema/wire/message.ts";
import { expectProblem } from "../api/problem.ts";
import { Client } from "../harness/client.ts";
import { type Friends, openClub, twoFriends } from "../harness/people.ts";
import { useSharedSystem } from "../harness/use-system.ts";

const system = useSharedSystem();

/** Two friends, of whom the first has written messages with these texts. */
async function written(...texts: string[]): Promise<Friends & { messages: Message[] }> {
  const friends = await twoFriends(system().url);
  const { ada, ben, conversation } = friends;
  for (const text of texts) await ada.post(conversation, text);
  await expect
    .poll(async () => (await ben.history(conversation)).length, { timeout: 20_000 })
    .toBe(texts.length);
  return { ...friends, messages: await ben.history(conversation) };
}

function path(conversation: ConversationId, message: Pick<Message, "id"> | undefined): string {
  return `/conversations/${conversation}/messages/${message?.id}`;
}

const hide = (client: Client, conversation: ConversationId, message: Message | undefined) =>
  client.do("DELETE", path(conversation, message));
const seqs = (messages: Message[]) => messages.map(({ seq }) => seq);

describe("a hidden message", () => {
  it("is left out of everything that its person reads, and of nothing else", async () => {
    const { ada, ben, conversation, messages } = await written("one", "two", "three");
    await hide(ben, conversation, messages[0]);
    await hide(ben, conversation, messages[2]);
    expect(seqs(await ben.history(conversation))).toEqual([2]);
    expect(await ben.do("GET", `/conversations/${conversation}/messages?before=3&limit=1`)).toMatchObject({
      items: [{ seq: 2 }],
      nextCursor: null,
    });
    expect(await ben.do("GET", `/conversations/${conversation}`)).toMatchObject({
      lastSeq: 3,
      unread: 1,
      firstUnreadSeq: 2,
      lastMessage: { seq: 2 },
    });
    for (const others of [undefined, "latest"] as const) {
      const { conversations, more } = await ben.sync({}, others);
      expect(more).toBe(false);
      expect(conversations).toMatchObject([{ rev: 3, lastSeq: 3, more: false, messages: [{ seq: 2 }] }]);
      // Later changes of these still come as `message`: a new device, too, has to know which to ignore.
      expect(conversations[0]?.hidden).toEqual([messages[0]?.id, messages[2]?.id]);
    }
    expect(seqs(await ada.history(conversation))).toEqual([1, 2, 3]);
    expect((await ada.conversations())[0]).toMatchObject({ lastMessage: { seq: 3 } });
  });

  it("is left out of the pins of its person", async () => {
    const { ada, ben, conversation, messages } = await written("pinned");
    const pin = { op: "pin", conversation, clientId: randomUUID(), messageId: messages[0]?.id, on: true };
    await ada.do("POST", "/operations", { operations: [pin] });
    const pins = async (client: Client) =>
      seqs((await client.do<{ items: Message[] }>("GET", `/conversations/${conversation}/pins`)).items);
    await expect.poll(() => pins(ben), { timeout: 20_000 }).toEqual([1]);
    await hide(ben, conversation, messages[0]);
    expect([await pins(ada), await pins(ben)]).toEqual([[1], []]);
  });

  it("may be hidden again; the last unread one leaves nothing unread", async () => {
    const { ben, conversation, messages } = await written("only");
    for (let turn = 0; turn < 2; turn++) {
      expect((await ben.ask("DELETE", path(conversation, messages[0]))).status).toBe(204);
    }
    const found = await ben.do<Conversation>("GET", `/conversations/${conversation}`);
    expect(found).toMatchObject({ unread: 0, lastMessage: null, lastSeq: 1 });
    expect(found).not.toHaveProperty("firstUnreadSeq");
  });

  it("is hidden on the person's other devices at once, and nobody else hears of it", async () => {
    const { ada, ben, conversation, messages } = await written("one", "two");
    const tablet = await ben.loginAgain();
    const [here, there, other] = await Promise.all([ben.connect(), tablet.connect(), ada.connect()]);
    await hide(ben, conversation, messages[1]);
    const event = { ev: "message.hidden", conversation, messageId: messages[1]?.id };
    expect(await here.next("message.hidden")).toEqual(event);
    expect(await there.next("message.hidden")).toEqual(event);
    await here.sendAccepted(conversation, "after");
    await other.messages(conversation, 1);
    expect(other.all("message.hidden")).toEqual([]);
    await Promise.all([here.close(), there.close(), other.close()]);
  });

  it("is named by sync to a device that has it, until the device has a later rev", async () => {
    const { ada, ben, conversation, messages } = await written("one", "two");
    const socket = await ben.connect();
    await hide(ben, conversation, messages[0]);
    // Only when it was told does the hide have its last rev.
    await socket.next("message.hidden");
    const hidden = [messages[0]?.id];
    expect(await ben.sync({ [conversation]: 2 })).toEqual({
      conversations: [
        { id: conversation, firstSeq: 1, lastSeq: 2, rev: 2, readSeq: 0, messages: [], hidden, more: false },
      ],
      more: false,
    });
    expect((await ada.sync({ [conversation]: 2 })).conversations).toEqual([]);
    await ada.post(conversation, "three");
    await socket.messages(conversation, 1);
    expect((await ben.sync({ [conversation]: 1 })).conversations).toMatchObject([
      { rev: 3, hidden, messages: [{ seq: 2 }, { seq: 3 }] },
    ]);
    expect((await ben.sync({ [conversation]: 2 })).conversations).toMatchObject([
      { rev: 3, hidden, messages: [{ seq: 3 }] },
    ]);
    expect((await ben.sync({ [conversation]: 3 })).conversations).toEqual([]);
    await socket.close();
  });

  it("is refused when it does not exist there, and for strangers", async () => {
    const { ada, conversation, messages } = await written("one");
    const { owner, group } = await openClub(system().url, 0);
    for (const id of ["77", "nonsense", "0"]) {
      expectProblem(
        await ada.ask("DELETE", `/conversations/${conversation}/messages/${id}`),
        "message_not_found",
      );
    }
    expectProblem(await owner.ask("DELETE", path(group.conversation, messages[0])), "message_not_found");
    expectProblem(await owner.ask("DELETE", path(conversation, messages[0])), "conversation_not_found");
  });
});

describe("how far the members have read", () => {
  it("is shown to each of them, and to nobody else", async () => {
    const { owner, members, everybody, group } = await openClub(system().url, 2);
    const [first] = members;
    if (first === undefined) throw new Error("there are members");
    await owner.post(group.conversation, "one");
    await expect
      .poll(async () => (await first.history(group.conversation)).length, { timeout: 20_000 })
      .toBe(1);
    // The notices of the group's creation and of who joined have the seqs before.
    const written = (await owner.conversations()).find(({ id }) => id === group.conversation)?.lastSeq;
    await first.do("PUT", `/conversations/${group.conversation}/read`, { seq: 1 });
    const reads = await owner.do<{ count: number; items: { userId: string; readSeq: number }[] }>(
      "GET",
      `/conversations/${group.conversation}/reads`,
    );
    expect(reads.count).toBe(3);
    const read = new Map(reads.items.map(({ userId, readSeq }) => [userId, readSeq]));
    expect(everybody.map(({ user }) => read.get(user.id))).toEqual([written, 1, 0]);
    const stranger = await Client.register(system().url);
    expectProblem(
      await stranger.ask("GET", `/conversations/${group.conversation}/reads`),
      "conversation_not_found",
    );
  });

  it("is shown for a direct conversation, too", async () => {
    const { ada, ben, conversation } = await written("one");
    await ben.do("PUT", `/conversations/${conversation}/read`, { seq: 1 });
    const readSeqs = [ada, ben].map(({ user }) => ({ userId: user.id, readSeq: 1 }));
    const reads = await ada.do("GET", `/conversations/${conversation}/reads`);
    expect(reads).toEqual({ count: 2, items: expect.arrayContaining(readSeqs) });
  });
});
