import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Conversation, SyncResponse } from "../../schema/wire/conversation.ts";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import type { Group } from "../../schema/wire/group.ts";
import type { Message } from "../../schema/wire/message.ts";
import type { Page } from "../../schema/wire/page.ts";
import { Client } from "../harness/client.ts";
import { useSharedSystem } from "../harness/use-system.ts";
import { readPages } from "./pages.ts";
import { expectProblem } from "./problem.ts";

const system = useSharedSystem();

/** Two friends and a stranger. */
const people = async () => {
  const [one, other, stranger] = await Client.registerMany(system().url, 3);
  if (one === undefined || other === undefined || stranger === undefined)
    throw new Error("three were registered");
  return { one, other, stranger, conversation: await one.befriend(other) };
};

/** Writes this many messages, one after the other, and waits until the last is in history. */
async function write(client: Client, conversation: ConversationId, count: number): Promise<void> {
  const before = (await client.history(conversation)).length;
  for (let index = 1; index <= count; index++) await client.post(conversation, `message ${before + index}`);
  await expect
    .poll(() => client.history(conversation).then(({ length }) => length), { timeout: 20_000 })
    .toBe(before + count);
}

const seqs = (messages: Message[]) => messages.map(({ seq }) => seq);
const range = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe("writing over HTTP", () => {
  it("returns once the message is accepted, and stores it once however often it is sent", async () => {
    const { one, other, conversation } = await people();
    const message = { conversation, clientId: randomUUID(), content: { type: "text", text: "héllo 😀" } };
    for (let turn = 0; turn < 3; turn++) {
      const response = await one.ask("POST", "/messages", message);
      expect(response).toMatchObject({ status: 202, body: { clientId: message.clientId, conversation } });
    }
    await expect.poll(async () => (await other.history(conversation)).length).toBe(1);
    expect(await other.history(conversation)).toEqual([
      {
        ...message,
        id: expect.stringMatching(/^[1-9]\d+$/),
        seq: 1,
        rev: 1,
        senderId: one.user.id,
        sentAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      },
    ]);
  });

  it("is refused for people outside the conversation, and for an unknown conversation", async () => {
    const { one, stranger, conversation } = await people();
    const send = (client: Client, where: string) =>
      client.ask("POST", "/messages", {
        conversation: where,
        clientId: randomUUID(),
        content: { type: "text", text: "x" },
      });
    expectProblem(await send(stranger, conversation), "conversation_not_found");
    expectProblem(await send(one, "group:1"), "conversation_not_found");
    expectProblem(await send(one, "nonsense"), "invalid_request");
    const group = await one.createGroup("Closed");
    expectProblem(await send(stranger, group.conversation), "conversation_not_found");
  });

  it.each([
    ["no text", { type: "text", text: "" }, "content.text"],
    ["too much text", { type: "text", text: "x".repeat(8_001) }, "content.text"],
    ["text that cannot be stored", { type: "text", text: "a\u0000b" }, "content.text"],
    ["a lone surrogate", { type: "text", text: "\ud83d" }, "content.text"],
    ["another type", { type: "sound" }, "content.type"],
  ])("refuses %s", async (_, content, path) => {
    const { one, conversation } = await people();
    const response = await one.ask("POST", "/messages", { conversation, clientId: randomUUID(), content });
    expectProblem(response, "invalid_request");
    expect(response.body).toMatchObject({ errors: [{ path }] });
  });

  it("accepts the longest text", async () => {
    const { one, conversation } = await people();
    await one.post(conversation, "😀".repeat(8_000));
    await expect.poll(async () => (await one.history(conversation)).length).toBe(1);
  });
});

describe("a history", () => {
  it("is read by seq in both directions, and to its end by cursors", async () => {
    const { one, other, conversation } = await people();
    await write(one, conversation, 7);
    const path = `/conversations/${conversation}/messages`;
    const read = async (query: string) =>
      seqs((await other.do<Page<Message>>("GET", `${path}?${query}`)).items);
    expect(await read("")).toEqual(range(1, 7));
    expect(await read("limit=3")).toEqual([5, 6, 7]);
    expect(await read("limit=3&before=5")).toEqual([2, 3, 4]);
    expect(await read("limit=3&after=2")).toEqual([3, 4, 5]);
    expect(await read("after=2&before=5")).toEqual([3, 4]);
    expect(await read("after=7")).toEqual([]);
    expect(await read("before=1")).toEqual([]);
    expect((await readPages<Message>(other, path, 3)).map(seqs)).toEqual([[5, 6, 7], [2, 3, 4], [1]]);
    expect((await readPages<Message>(other, `${path}?after=1`, 3)).map(seqs)).toEqual([
      [2, 3, 4],
      [5, 6, 7],
    ]);
    const { items } = await other.do<Page<Message>>("GET", path);
    const ids = items.map(({ id }) => BigInt(id));
    expect(ids).toEqual(ids.toSorted((a, b) => (a < b ? -1 : 1)));
  });

  it("is not found for strangers, and for an unknown conversation", async () => {
    const { one, stranger, conversation } = await people();
    for (const id of [conversation, "group:1", "dm:2:1", "nonsense", "%00"]) {
      expectProblem(await stranger.ask("GET", `/conversations/${id}/messages`), "conversation_not_found");
      expectProblem(
        await stranger.ask("PUT", `/conversations/${id}/read`, { seq: 1 }),
        "conversation_not_found",
      );
    }
    for (const query of ["before=x", "after=-1", "limit=500", "before=99999999999", "cursor=abc"]) {
      expectProblem(
        await one.ask("GET", `/conversations/${conversation}/messages?${query}`),
        "invalid_request",
      );
    }
  });
});

describe("reading", () => {
  it("counts the messages of others, and never moves back or past the newest message", async () => {
    const { one, other, conversation } = await people();
    await write(one, conversation, 3);
    const state = async (client: Client) => {
      const [found] = await client.conversations();
      return [found?.readSeq, found?.unread];
    };
    const read = (seq: number) => other.do("PUT", `/conversations/${conversation}/read`, { seq });
    expect(await state(one)).toEqual([3, 0]);
    expect(await state(other)).toEqual([0, 3]);
    await read(2);
    expect(await state(other)).toEqual([2, 1]);
    await read(1);
    expect(await state(other)).toEqual([2, 1]);
    await read(2_000_000_000);
    expect(await state(other)).toEqual([3, 0]);
    await write(one, conversation, 1);
    await write(other, conversation, 1);
    expect(await state(other)).toEqual([5, 0]);
    expect(await state(one)).toEqual([4, 1]);
    expectProblem(
      await other.ask("PUT", `/conversations/${conversation}/read`, { seq: 3_000_000_000 }),
      "invalid_request",
    );
  });
});

describe("the conversations", () => {
  it("are listed by their last message, with peer or group, counters and last message", async () => {
    const { one, other, conversation } = await people();
    const quiet = await one.createGroup("Quiet");
    const busy = await one.createGroup("Busy");
    await write(one, quiet.conversation, 1);
    await write(other, conversation, 1);
    const [first, second, third] = await one.conversations();
    expect(first).toMatchObject({
      id: conversation,
      kind: "dm",
      peer: other.user,
      lastSeq: 1,
      rev: 1,
      readSeq: 0,
      unread: 1,
      lastMessage: { seq: 1, senderId: other.user.id },
    });
    expect(first?.group).toBeUndefined();
    expect(second).toMatchObject({
      id: quiet.conversation,
      kind: "group",
      group: { id: quiet.id, role: "owner" },
    });
    expect(third).toMatchObject({
      ...{ id: busy.conversation, lastSeq: 1, rev: 1, unread: 0 },
      lastMessage: { content: { type: "notice", notice: { kind: "created" } } },
    });
    const pages = await readPages<Conversation>(one, "/conversations", 1);
    expect(pages.map(([only]) => only?.id)).toEqual([conversation, quiet.conversation, busy.conversation]);
  });
});

describe("sync", () => {
  /** Syncs like a device until there is no more; returns the messages of each conversation, and the responses. */
  async function catchUp(client: Client, revs: Record<string, number>, others?: "latest") {
    const got = new Map<string, Message[]>();
    const responses: SyncResponse[] = [];
    for (let more = true; more; ) {
      const response = await client.sync(revs, others);
      responses.push(response);
      for (const { id, rev, messages } of response.conversations) {
        got.set(id, [...(got.get(id) ?? []), ...messages]);
        expect(rev).toBeGreaterThan(revs[id] ?? 0);
        revs[id] = rev;
      }
      more = response.more || response.conversations.some((conversation) => conversation.more);
    }
    return { got, responses, revs };
  }

  it("returns the changes since the device's revs, and nothing else", async () => {
    const { one, other, conversation } = await people();
    const group = await one.createGroup("Sync");
    await other.joinGroup(group);
    await write(one, conversation, 5);
    await write(one, group.conversation, 2);
    expect(await other.sync({ [conversation]: 3, [group.conversation]: 4 })).toEqual({
      conversations: [
        {
          id: conversation,
          firstSeq: 1,
          lastSeq: 5,
          rev: 5,
          readSeq: 0,
          messages: [
            expect.objectContaining({ seq: 4, rev: 4 }),
            expect.objectContaining({ seq: 5, rev: 5 }),
          ],
          more: false,
        },
      ],
      more: false,
    });
    expect(await other.sync({ [conversation]: 5, [group.conversation]: 4 })).toEqual({
      conversations: [],
      more: false,
    });
    const { conversations } = await other.sync({ [conversation]: 5 });
    expect(conversations).toMatchObject([
      { id: group.conversation, rev: 4, messages: range(1, 4).map((seq) => ({ seq })) },
    ]);
  });

  it("pages through a long conversation without losing or repeating a message", async () => {
    const { one, other, conversation } = await people();
    await Promise.all(range(1, 430).map((index) => one.post(conversation, `message ${index}`)));
    await expect.poll(async () => (await one.conversations())[0]?.lastSeq, { timeout: 20_000 }).toBe(430);
    const { got, responses } = await catchUp(other, {});
    expect(seqs(got.get(conversation) ?? [])).toEqual(range(1, 430));
    expect(responses.map(({ conversations }) => conversations.map(({ more }) => more))).toEqual([
      [true],
      [true],
      [false],
    ]);
  });

  it("returns only the newest messages and the rev to a new device", async () => {
    const { one, other, conversation } = await people();
    await write(one, conversation, 25);
    const { conversations, more } = await other.sync({}, "latest");
    expect(more).toBe(false);
    expect(conversations).toMatchObject([{ id: conversation, lastSeq: 25, rev: 25, more: false }]);
    expect(seqs(conversations[0]?.messages ?? [])).toEqual(range(6, 25));
    expect(await other.sync({ [conversation]: 25 }, "latest")).toEqual({ conversations: [], more: false });
  });

  it("returns many conversations in bounded responses", async () => {
    const { one } = await people();
    const groups: Group[] = [];
    for (let batch = 0; batch < 10; batch++) {
      groups.push(
        ...(await Promise.all(range(1, 21).map((index) => one.createGroup(`G ${batch} ${index}`)))),
      );
    }
    await Promise.all(groups.map((group) => one.post(group.conversation, "only one")));
    await expect
      .poll(
        async () =>
          (await readPages<Conversation>(one, "/conversations", 200)).flat().filter(({ rev }) => rev === 2)
            .length,
        {
          timeout: 30_000,
        },
      )
      .toBe(210);
    for (const others of [undefined, "latest"] as const) {
      const { got, responses } = await catchUp(one, {}, others);
      expect(responses.map(({ more }) => more)).toEqual([true, false]);
      expect(responses[0]?.conversations).toHaveLength(200);
      expect([...got.keys()].sort()).toEqual(groups.map(({ conversation }) => conversation).sort());
    }
  });

  it("ignores conversations that the caller is not in, and refuses invalid revs", async () => {
    const { one, stranger, conversation } = await people();
    await write(one, conversation, 1);
    expect(await stranger.sync({ [conversation]: 0, "group:1": 0, nonsense: 5 })).toEqual({
      conversations: [],
      more: false,
    });
    for (const conversations of [
      { [conversation]: -1 },
      { [conversation]: 1.5 },
      { "\u0000": 1 },
      [],
      null,
    ]) {
      expectProblem(await one.ask("POST", "/sync", { conversations }), "invalid_request");
    }
    expectProblem(await one.ask("POST", "/sync", { conversations: {}, others: "all" }), "invalid_request");
  });
});
