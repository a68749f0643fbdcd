import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { expectInOrder, expectSound } from "../harness/history.ts";
import { heard, numbered, textOf, twoFriends } from "../harness/people.ts";
import { useSharedSystem } from "../harness/use-system.ts";

const system = useSharedSystem();

describe("a message between friends", () => {
  it("is accepted and reaches every device of both, including the sender's others", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const adaElsewhere = await ada.loginAgain();
    const sockets = await Promise.all([ada.connect(), adaElsewhere.connect(), ben.connect(), ben.connect()]);
    const [sender, ...others] = sockets;
    const clientId = await sender.sendAccepted(conversation, "hello");

    for (const socket of sockets) {
      const { message } = await socket.written();
      expect(message).toMatchObject({ conversation, clientId, senderId: ada.user.id, seq: 1 });
      expect(textOf(message)).toBe("hello");
    }
    for (const socket of others) expect(socket.all("accepted")).toEqual([]);
  });

  it("reaches the sockets of both when it is sent over HTTP", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const sockets = await Promise.all([ada.connect(), ben.connect()]);
    const clientId = await ben.post(conversation, "over HTTP");
    for (const socket of sockets) {
      const { message } = await socket.written();
      expect(message).toMatchObject({ conversation, clientId, senderId: ben.user.id, seq: 1 });
    }
  });

  it("is the same in history, in sync and on every socket", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const [adas, bens] = await Promise.all([ada.connect(), ben.connect()]);
    await adas.sendAccepted(conversation, "one and the same");
    const { message } = await bens.written();
    expect((await adas.written()).message).toEqual(message);
    expect(await ben.history(conversation)).toEqual([message]);
    expect((await ada.sync()).conversations).toMatchObject([{ id: conversation, messages: [message] }]);
  });
});

describe("a conversation", () => {
  it("has seqs from 1 without a gap while both write over sockets and HTTP concurrently", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const [adas, bens] = await Promise.all([ada.connect(), ben.connect()]);
    const posts = numbered("post", 10).flatMap((text) => [
      ada.post(conversation, text),
      ben.post(conversation, text),
    ]);
    for (const text of numbered("frame", 20)) {
      adas.send(conversation, text);
      bens.send(conversation, text);
    }
    await Promise.all(posts);
    await Promise.all([adas.messages(conversation, 60), bens.messages(conversation, 60)]);

    const history = await ada.history(conversation);
    expect(history).toHaveLength(60);
    expectSound(history);
    expect(heard(adas, conversation)).toEqual(history);
    expect(heard(bens, conversation)).toEqual(history);
  });

  it("keeps the order of 300 messages that one socket sends without waiting", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const [adas, bens] = await Promise.all([ada.connect(), ben.connect()]);
    const texts = numbered("quick", 300);
    const clientIds = texts.map((text) => adas.send(conversation, text));
    await bens.messages(conversation, texts.length);

    expect(heard(bens, conversation).map(textOf)).toEqual(texts);
    const history = await ben.history(conversation);
    expectSound(history);
    expectInOrder(history, new Map([[ada.user.id, texts]]));
    await adas.next("accepted", ({ clientId }) => clientId === clientIds.at(-1));
    expect(adas.all("accepted").map(({ clientId }) => clientId)).toEqual(clientIds);
  });
});

describe("a repeated client id", () => {
  it("is one message, over sockets, HTTP and both concurrently", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const [adas, elsewhere, bens] = await Promise.all([ada.connect(), ada.connect(), ben.connect()]);
    const clientId = randomUUID();
    for (const socket of [adas, elsewhere]) {
      socket.send(conversation, "once", clientId);
      socket.send(conversation, "once", clientId);
    }
    await Promise.all([1, 2, 3].map(() => ada.post(conversation, "once", clientId)));
    await expect.poll(() => adas.all("accepted").length).toBe(2);
    await expect.poll(() => elsewhere.all("accepted").length).toBe(2);

    await adas.sendAccepted(conversation, "after");
    const last = await bens.next("message", ({ message }) => textOf(message) === "after");
    expect(last.message.seq).toBe(2);
    expect(new Set(heard(bens, conversation).map(({ id }) => id)).size).toBe(2);
    expect((await ben.history(conversation)).map(textOf)).toEqual(["once", "after"]);
  });

  it("is accepted again after delivery, and changes nothing", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const adas = await ada.connect();
    const clientId = await adas.sendAccepted(conversation, "first");
    const { message } = await adas.written();

    adas.send(conversation, "first", clientId);
    await expect.poll(() => adas.all("accepted").length).toBe(2);
    await ada.post(conversation, "first", clientId);
    await adas.sendAccepted(conversation, "second");
    await adas.next("message", (event) => textOf(event.message) === "second");
    const repeats = heard(adas, conversation).filter(({ seq }) => seq === 1);
    expect(repeats).toEqual(repeats.map(() => message));
    expect((await ben.history(conversation)).map(textOf)).toEqual(["first", "second"]);
  });

  it("of another sender is another message", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const clientId = randomUUID();
    const bens = await ben.connect();
    await ada.post(conversation, "mine", clientId);
    await ben.post(conversation, "mine", clientId);
    await bens.messages(conversation, 2);
    expect((await ada.history(conversation)).map(({ senderId }) => senderId).sort()).toEqual(
      [ada.user.id, ben.user.id].sort(),
    );
  });
});
