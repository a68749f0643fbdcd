import { describe, expect, it } from "vitest";
import type { Message } from "../../schema/wire/message.ts";
import type { Client } from "../harness/client.ts";
import { expectSound } from "../harness/history.ts";
import { heard, isNotice, numbered, openClub, textOf, twoFriends } from "../harness/people.ts";
import { useSharedSystem } from "../harness/use-system.ts";

const system = useSharedSystem();

/** Syncs from these revs until there is no more, as a device does. */
async function syncAll(
  client: Client,
  revs: Record<string, number> = {},
): Promise<{ messages: Message[]; revs: Record<string, number>; responses: number }> {
  const known = { ...revs };
  const messages: Message[] = [];
  for (let responses = 1; ; responses++) {
    const response = await client.sync(known);
    for (const conversation of response.conversations) {
      messages.push(...conversation.messages);
      known[conversation.id] = conversation.rev;
    }
    const more = response.more || response.conversations.some((conversation) => conversation.more);
    if (!more) return { messages, revs: known, responses };
  }
}

describe("a device that was away", () => {
  it("gets all that it missed, and nothing else", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const adas = await ada.connect();
    const before = await ben.connect();
    await adas.sendAccepted(conversation, "while here");
    await before.messages(conversation, 1);
    const { revs } = await syncAll(ben);
    await before.close();

    for (const text of numbered("missed", 5)) await adas.sendAccepted(conversation, text);
    await adas.messages(conversation, 6);
    const missed = await syncAll(ben, revs);
    expect(missed.messages.map(textOf)).toEqual(numbered("missed", 5));
    expect(missed.messages.map(({ seq }) => seq)).toEqual([2, 3, 4, 5, 6]);
    expect((await syncAll(ben, missed.revs)).messages).toEqual([]);
  });

  it("gets 450 messages in several responses, each message once and in order", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const adas = await ada.connect();
    const texts = numbered("long", 460);
    for (const text of texts) adas.send(conversation, text);
    await adas.messages(conversation, texts.length);

    const { messages, responses } = await syncAll(ben);
    expect(messages.map(textOf)).toEqual(texts);
    expectSound(messages);
    expect(responses).toBeGreaterThan(2);

    const { conversations, more } = await ben.sync({}, "latest");
    expect(more).toBe(false);
    expect(conversations).toMatchObject([{ id: conversation, lastSeq: 460, rev: 460, more: false }]);
    expect(conversations[0]?.messages.map(textOf)).toEqual(texts.slice(-20));
  });

  it("gets what it missed of every conversation", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const { owner, group } = await openClub(system().url, 0);
    await ben.joinGroup(group);
    const bens = await ben.connect();
    await Promise.all([
      ...numbered("direct", 3).map((text) => ada.post(conversation, text)),
      ...numbered("group", 4).map((text) => owner.post(group.conversation, text)),
    ]);
    await Promise.all([bens.messages(conversation, 3), bens.messages(group.conversation, 4)]);
    const { messages } = await syncAll(ben);
    const texts = messages.filter((message) => !isNotice(message)).map(textOf);
    expect(texts.sort()).toEqual([...numbered("direct", 3), ...numbered("group", 4)].sort());
  });
});

describe("a device that syncs after ready and then follows its socket", () => {
  it("misses nothing while others write without a pause, however often it reconnects", async () => {
    const { everybody, members, group } = await openClub(system().url, 3);
    const { conversation } = group;
    const [reader] = members;
    if (reader === undefined) throw new Error("expected a member");
    const writers = everybody.filter((client) => client !== reader);
    const sockets = await Promise.all(writers.map((client) => client.connect()));
    let writing = true;
    const written = sockets.map(async (socket, index) => {
      let count = 0;
      while (writing) await socket.sendAccepted(conversation, `${index} ${++count}`);
      return count;
    });

    const has = new Map<number, Message>();
    let revs: Record<string, number> = {};
    const take = (messages: Message[]) => {
      for (const message of messages) has.set(message.rev, message);
      revs = { [conversation]: Math.max(0, ...has.keys()) };
    };
    for (let visit = 0; visit < 8; visit++) {
      const socket = await reader.connect();
      take((await syncAll(reader, revs)).messages);
      const { length } = heard(socket, conversation);
      await socket.messages(conversation, length + 20);
      if (visit === 7) {
        writing = false;
        const total = (await Promise.all(written)).reduce((sum, count) => sum + count, 0);
        const notices = 1 + members.length;
        await socket.next("message", ({ message }) => message.seq === total + notices);
      }
      take(socket.all("message").map(({ message }) => message));
      await socket.close();
    }
    expect([...has.values()].sort((a, b) => a.rev - b.rev)).toEqual(await reader.wholeHistory(conversation));
  });
});

describe("a read position", () => {
  it("reaches the devices of both, reduces `unread`, and never moves back", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const [adas, bens, elsewhere] = await Promise.all([ada.connect(), ben.connect(), ben.connect()]);
    for (const text of numbered("unread", 5)) await adas.sendAccepted(conversation, text);
    await bens.messages(conversation, 5);
    expect(await ben.conversations()).toMatchObject([{ id: conversation, readSeq: 0, unread: 5 }]);
    expect(await ada.conversations()).toMatchObject([{ id: conversation, readSeq: 5, unread: 0 }]);

    bens.sendFrame({ op: "read", conversation, seq: 3 });
    for (const socket of [adas, elsewhere]) {
      const { userId } = await socket.next("read", ({ seq }) => seq === 3);
      expect(userId).toBe(ben.user.id);
    }
    expect(await ben.conversations()).toMatchObject([{ readSeq: 3, unread: 2 }]);
    bens.sendFrame({ op: "read", conversation, seq: 1 });
    bens.sendFrame({ op: "read", conversation, seq: 4 });
    await elsewhere.next("read", ({ seq }) => seq === 4);
    expect(elsewhere.all("read").map(({ seq }) => seq)).toEqual([3, 4]);
    expect(await ben.conversations()).toMatchObject([{ readSeq: 4, unread: 1 }]);

    await bens.sendAccepted(conversation, "writing reads");
    await bens.messages(conversation, 6);
    expect(await ben.conversations()).toMatchObject([{ readSeq: 6, unread: 0 }]);
  });

  it("is refused for a conversation that the person is not in", async () => {
    const { conversation } = await twoFriends(system().url);
    const { ada } = await twoFriends(system().url);
    const socket = await ada.connect();
    socket.sendFrame({ op: "read", conversation, seq: 1 });
    expect((await socket.next("error")).problem.code).toBe("conversation_not_found");
  });
});
