import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import type { Message } from "../../schema/wire/message.ts";
import type { Page } from "../../schema/wire/page.ts";
import type { ProblemDocument } from "../../schema/wire/problem.ts";
import { heard, openClub, textOf, twoFriends } from "../harness/people.ts";
import { useSharedSystem } from "../harness/use-system.ts";

const system = useSharedSystem();

type Results = { results: { clientId: string; problem?: ProblemDocument }[] };

function send(conversation: ConversationId, text: string, clientId: string = randomUUID()) {
  return { op: "send", conversation, clientId, content: { type: "text", text } };
}

function edit(
  conversation: ConversationId,
  messageId: string,
  text: string,
  clientId: string = randomUUID(),
) {
  return { op: "edit", conversation, clientId, messageId, content: { type: "text", text } };
}

function recall(conversation: ConversationId, messageId: string, clientId: string = randomUUID()) {
  return { op: "recall", conversation, clientId, messageId };
}

function react(conversation: ConversationId, messageId: string, emoji: string, on = true) {
  return { op: "react", conversation, clientId: randomUUID(), messageId, emoji, on };
}

function pin(conversation: ConversationId, messageId: string, on = true) {
  return { op: "pin", conversation, clientId: randomUUID(), messageId, on };
}

describe("POST /operations", () => {
  it("accepts many, in order, and reports each: a refused one does not affect the others", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const { conversation: foreign } = await twoFriends(system().url);
    const bens = await ben.connect();
    const operations = [send(conversation, "one"), send(foreign, "not mine"), send(conversation, "two")];
    const { status, body } = await ada.ask<Results>("POST", "/operations", { operations });
    expect(status).toBe(202);
    expect(body.results.map(({ clientId, problem }) => [clientId, problem?.code])).toEqual([
      [operations[0]?.clientId, undefined],
      [operations[1]?.clientId, "conversation_not_found"],
      [operations[2]?.clientId, undefined],
    ]);
    await bens.messages(conversation, 2);
    expect(heard(bens, conversation).map(textOf)).toEqual(["one", "two"]);
  });

  it("accepts at most 100, and names the invalid field", async () => {
    const { ada, conversation } = await twoFriends(system().url);
    const many = Array.from({ length: 101 }, (_, index) => send(conversation, `message ${index}`));
    const refused = await ada.ask<ProblemDocument>("POST", "/operations", { operations: many });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ path: "operations" }] } });
    const unknown = { ...send(conversation, "hello"), op: "sing" };
    const bad = await ada.ask<ProblemDocument>("POST", "/operations", { operations: [unknown] });
    expect(bad).toMatchObject({ status: 400, body: { errors: [{ path: "operations.0.op" }] } });
    const { status } = await ada.ask("POST", "/operations", { operations: many.slice(0, 100) });
    expect(status).toBe(202);
  });
});

describe("an edit", () => {
  it("reaches connected devices as the same message with its next rev, and other devices by sync", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const [adas, bens] = await Promise.all([ada.connect(), ben.connect()]);
    await adas.sendAccepted(conversation, "helo");
    const { message } = await bens.written();
    adas.sendFrame(edit(conversation, message.id, "hello"));
    const edited = await bens.next("message", (event) => event.message.rev === 2);
    expect(edited.message).toMatchObject({ id: message.id, seq: message.seq, content: { text: "hello" } });
    expect(edited.message.editedAt).toBeDefined();
    expect(await ben.history(conversation)).toEqual([edited.message]);
    const { conversations } = await ben.sync({ [conversation]: 1 });
    expect(conversations).toMatchObject([{ id: conversation, rev: 2, messages: [edited.message] }]);
  });

  it("of another person's message is rejected on the socket", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const [adas, bens] = await Promise.all([ada.connect(), ben.connect()]);
    await adas.sendAccepted(conversation, "mine");
    const { message } = await bens.written();
    const clientId = randomUUID();
    bens.sendFrame(edit(conversation, message.id, "yours", clientId));
    const rejected = await bens.next("rejected", (event) => event.clientId === clientId);
    expect(rejected.problem.code).toBe("not_allowed");
  });
});

describe("a recall", () => {
  it("takes the content from devices, history and sync; the message keeps its place", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const [adas, bens] = await Promise.all([ada.connect(), ben.connect()]);
    await adas.sendAccepted(conversation, "secret");
    const { message } = await bens.written();
    adas.sendFrame(recall(conversation, message.id));
    const recalled = await bens.next("message", (event) => event.message.rev === 2);
    expect(recalled.message).toMatchObject({ id: message.id, seq: message.seq, content: null });
    expect(recalled.message.recalledAt).toBeDefined();
    expect(await ben.history(conversation)).toEqual([recalled.message]);
    const { conversations } = await ben.sync({ [conversation]: 1 });
    expect(conversations).toMatchObject([{ rev: 2, messages: [recalled.message] }]);
    const [listed] = await ben.conversations();
    expect(listed?.lastMessage).toEqual(recalled.message);
  });

  it("is the sender's or, in a group, its owner's; another person's is rejected", async () => {
    const { owner, members, group } = await openClub(system().url, 2);
    const [writer, other] = members;
    if (writer === undefined || other === undefined) throw new Error("expected two members");
    const owners = await owner.connect();
    await writer.post(group.conversation, "unkind");
    const { message } = await owners.next("message", (event) => textOf(event.message) === "unkind");
    const { body } = await other.ask<Results>("POST", "/operations", {
      operations: [recall(group.conversation, message.id)],
    });
    expect(body.results.map(({ problem }) => problem?.code)).toEqual(["not_allowed"]);
    owners.sendFrame(recall(group.conversation, message.id));
    const { message: recalled } = await owners.next("message", (event) => event.message.rev > message.rev);
    expect(recalled).toMatchObject({ id: message.id, senderId: writer.user.id, content: null });
  });
});

describe("a reaction", () => {
  it("is on the message for everybody: on sockets, in history and in sync", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const [adas, bens] = await Promise.all([ada.connect(), ben.connect()]);
    await adas.sendAccepted(conversation, "hello");
    const { message } = await bens.written();
    bens.sendFrame(react(conversation, message.id, "👍"));
    await adas.next("message", (event) => event.message.rev === 2);
    adas.sendFrame(react(conversation, message.id, "👍"));
    const reacted = await bens.next("message", (event) => event.message.rev === 3);
    expect(reacted.message).toEqual({
      ...message,
      rev: 3,
      reactions: [{ emoji: "👍", count: 2, userIds: [ben.user.id, ada.user.id] }],
    });
    expect(await ada.history(conversation)).toEqual([reacted.message]);
    const { conversations } = await ben.sync({ [conversation]: 1 });
    expect(conversations).toMatchObject([{ rev: 3, messages: [reacted.message] }]);
    bens.sendFrame(react(conversation, message.id, "👍", false));
    const after = await bens.next("message", (event) => event.message.rev === 4);
    expect(after.message.reactions).toEqual([{ emoji: "👍", count: 1, userIds: [ada.user.id] }]);
  });

  it("is refused when it is not one emoji, naming the field, and for people outside the conversation", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const { ada: stranger } = await twoFriends(system().url);
    const bens = await ben.connect();
    await ada.post(conversation, "hello");
    const { message } = await bens.written();
    const bad = await ada.ask<ProblemDocument>("POST", "/operations", {
      operations: [react(conversation, message.id, "yes")],
    });
    expect(bad).toMatchObject({ status: 400, body: { errors: [{ path: "operations.0.emoji" }] } });
    const { body } = await stranger.ask<Results>("POST", "/operations", {
      operations: [react(conversation, message.id, "👍")],
    });
    expect(body.results.map(({ problem }) => problem?.code)).toEqual(["conversation_not_found"]);
  });
});

describe("a pin", () => {
  it("is on the message, and in the list of pins, the last pinned first, until it is unpinned", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const bens = await ben.connect();
    for (const text of ["one", "two", "three"]) await ada.post(conversation, text);
    await bens.messages(conversation, 3);
    const [one, two, three] = heard(bens, conversation).map(({ id }) => id);
    if (one === undefined || two === undefined || three === undefined) throw new Error("expected three");
    for (const id of [two, one, three]) {
      bens.sendFrame(pin(conversation, id));
      await bens.next("message", ({ message }) => message.id === id && message.pinned === true);
    }
    const { message: notice } = await bens.next("message", (event) => event.message.rev === 9);
    expect(notice).toMatchObject({
      seq: 6,
      senderId: ben.user.id,
      content: { type: "notice", notice: { kind: "pinned", messageId: three } },
    });
    const pins = async (query = "") =>
      await ada.do<Page<Message>>("GET", `/conversations/${conversation}/pins${query}`);
    const { items, nextCursor } = await pins();
    expect(items.map((message) => [textOf(message), message.pinned])).toEqual([
      ["three", true],
      ["one", true],
      ["two", true],
    ]);
    expect(nextCursor).toBeNull();
    const first = await pins("?limit=2");
    expect(first.items).toEqual(items.slice(0, 2));
    expect(await pins(`?limit=2&cursor=${first.nextCursor}`)).toEqual({
      items: items.slice(2),
      nextCursor: null,
    });
    bens.sendFrame(pin(conversation, one, false));
    await bens.next("message", (event) => event.message.rev === 10);
    expect((await pins()).items.map(textOf)).toEqual(["three", "two"]);
  });

  it("is for a group's owner and admins; its list for its members", async () => {
    const { owner, members, group } = await openClub(system().url, 1);
    const [member] = members;
    if (member === undefined) throw new Error("expected a member");
    const socket = await member.connect();
    await member.post(group.conversation, "hello");
    const { message } = await socket.written();
    const operations = [pin(group.conversation, message.id)];
    const refused = await member.ask<Results>("POST", "/operations", { operations });
    expect(refused.body.results.map(({ problem }) => problem?.code)).toEqual(["not_allowed"]);
    await owner.do("POST", "/operations", { operations });
    await socket.next("message", (event) => event.message.pinned === true);
    const path = `/conversations/${group.conversation}/pins`;
    expect((await member.do<Page<Message>>("GET", path)).items).toMatchObject([{ id: message.id }]);
    const { ada: stranger } = await twoFriends(system().url);
    expect(await stranger.ask("GET", path)).toMatchObject({
      status: 404,
      body: { code: "conversation_not_found" },
    });
    const { conversation } = await twoFriends(system().url);
    expect(await owner.ask("GET", `/conversations/${conversation}/pins`)).toMatchObject({ status: 404 });
  });

  it("lists nothing for a conversation without pins", async () => {
    const { ada, conversation } = await twoFriends(system().url);
    const path = `/conversations/${conversation}/pins`;
    expect(await ada.do("GET", path)).toEqual({ items: [], nextCursor: null });
  });
});

describe("a reply", () => {
  it("shows its original, until that one is recalled: in history, sync and the list", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const bens = await ben.connect();
    await ada.post(conversation, "shall we?");
    const { message } = await bens.written();
    const reply = { ...send(conversation, "yes"), replyTo: message.id };
    bens.sendFrame(reply);
    const { message: replied } = await bens.next("message", (event) => event.message.seq === 2);
    const original = { id: message.id, seq: 1, senderId: ada.user.id };
    expect(replied).toMatchObject({ replyTo: { ...original, excerpt: "shall we?" }, rev: 2 });
    expect((await ben.history(conversation)).at(-1)).toEqual(replied);
    await ada.do("POST", "/operations", { operations: [recall(conversation, message.id)] });
    await bens.next("message", (event) => event.message.rev === 3);
    const hidden = { ...replied, replyTo: { ...original, excerpt: null } };
    expect((await ben.history(conversation)).at(-1)).toEqual(hidden);
    const { conversations } = await ada.sync({ [conversation]: 1 });
    expect(conversations[0]?.messages[0]).toEqual(hidden);
    expect((await ben.conversations())[0]?.lastMessage).toEqual(hidden);
    bens.sendFrame({ ...send(conversation, "what was it?"), replyTo: message.id });
    const { message: late } = await bens.next("message", (event) => event.message.seq === 3);
    expect(late.replyTo).toEqual({ ...original, excerpt: null });
    expect(JSON.stringify(await ada.sync())).not.toContain("shall we?");
  });
});

describe("a forwarded message", () => {
  it("is copied by the server, from a conversation of the sender's, with its origin", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const { owner: eve, group } = await openClub(system().url, 0);
    await ben.joinGroup(group);
    const [bens, eves] = await Promise.all([ben.connect(), eve.connect()]);
    await ada.post(conversation, "news");
    const { message } = await bens.written();
    const forwardOf = { conversation, id: message.id };
    await ben.do("POST", "/messages", {
      conversation: group.conversation,
      clientId: randomUUID(),
      forwardOf,
    });
    const { message: forwarded } = await eves.written();
    expect(forwarded).toMatchObject({
      senderId: ben.user.id,
      content: { type: "text", text: "news" },
      forwardOf: { senderId: ada.user.id, sentAt: message.sentAt },
    });
    const refused = await eve.ask<ProblemDocument>("POST", "/messages", {
      conversation: group.conversation,
      clientId: randomUUID(),
      forwardOf,
    });
    expect(refused).toMatchObject({ status: 404, body: { code: "message_not_found" } });
  });

  it("has no content of its own; a message has one of the two", async () => {
    const { ada, conversation } = await twoFriends(system().url);
    const { content, ...nothing } = send(conversation, "hello");
    const forwardOf = { conversation, id: "77" };
    for (const operation of [nothing, { ...nothing, content, forwardOf }]) {
      const { status, body } = await ada.ask<ProblemDocument>("POST", "/operations", {
        operations: [operation],
      });
      expect([status, body.errors?.map(({ path }) => path)]).toEqual([400, ["operations.0.content"]]);
    }
  });
});

describe("mentions", () => {
  it("are shown on the message, those of members alone; all may only be named by owner and admins", async () => {
    const { owner, members, group } = await openClub(system().url, 1);
    const [member] = members;
    const { ada: stranger } = await twoFriends(system().url);
    if (member === undefined) throw new Error("expected a member");
    const socket = await member.connect();
    const hello = send(group.conversation, "hello");
    socket.sendFrame({ ...hello, mentions: [stranger.user.id, owner.user.id] });
    const { message } = await socket.next("message", (event) => event.message.clientId === hello.clientId);
    expect(message.mentions).toEqual([owner.user.id]);
    const all = send(group.conversation, "everybody");
    socket.sendFrame({ ...all, mentions: "all" });
    const { problem } = await socket.next("rejected", ({ clientId }) => clientId === all.clientId);
    expect(problem.code).toBe("not_allowed");
    await owner.do("POST", "/operations", { operations: [{ ...all, mentions: "all" }] });
    const { message: called } = await socket.next(
      "message",
      (event) => event.message.clientId === all.clientId,
    );
    expect(called.mentions).toBe("all");
    const bad = await owner.ask<ProblemDocument>("POST", "/operations", {
      operations: [{ ...all, mentions: Array.from({ length: 51 }, (_, index) => String(index + 1)) }],
    });
    expect(bad).toMatchObject({ status: 400, body: { errors: [{ path: "operations.0.mentions" }] } });
  });

  it("are counted while they are unread, and a recalled message names nobody", async () => {
    const { owner, members, group } = await openClub(system().url, 2);
    const [member, other] = members;
    if (member === undefined || other === undefined) throw new Error("expected two members");
    const socket = await member.connect();
    const { conversation } = group;
    const named = { ...send(conversation, "you"), mentions: [member.user.id] };
    const operations = [
      named,
      send(conversation, "nobody"),
      { ...send(conversation, "all"), mentions: "all" },
      { ...send(conversation, "the other"), mentions: [other.user.id] },
    ];
    await owner.do("POST", "/operations", { operations });
    const last = operations.at(-1)?.clientId;
    const { message: newest } = await socket.next("message", (event) => event.message.clientId === last);
    const { message: you } = await socket.next(
      "message",
      (event) => event.message.clientId === named.clientId,
    );
    const counts = async () =>
      Promise.all(
        [owner, member, other].map(async (one) => {
          const found = (await one.conversations()).find(({ id }) => id === conversation);
          return [found?.unread, found?.mentioned];
        }),
      );
    expect(await counts()).toEqual([
      [0, 0],
      [4, 2],
      [4, 2],
    ]);
    await other.do("PUT", `/conversations/${conversation}/read`, { seq: newest.seq - 1 });
    await owner.do("POST", "/operations", { operations: [recall(conversation, you.id)] });
    await socket.next("message", (event) => event.message.recalledAt !== undefined);
    expect(await counts()).toEqual([
      [0, 0],
      [4, 1],
      [1, 1],
    ]);
  });
});
