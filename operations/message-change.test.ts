import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { redisKeys } from "../lib/redis-keys.ts";
import type { Submission } from "../lib/rpc/logic.ts";
import { conversationTopic } from "../lib/topic.ts";
import type { ConversationId } from "../schema/wire/conversation-id.ts";
import { ClientId, MessageId, type UserId } from "../schema/wire/ids.ts";
import type { Content } from "../schema/wire/message.ts";
import { submit } from "../workers/logic/submit.ts";
import { drain } from "../workers/task/drain.ts";
import { personOf, type Spine, startSpine, textFrom } from "../workers/task/spine.fixture.ts";

let spine: Spine;
let conversation: ConversationId;
let ada: UserId;
let ben: UserId;

beforeAll(async () => {
  spine = await startSpine();
  await spine.task.redis.set(redisKeys.epoch, "1");
}, 30_000);

afterAll(() => spine.close());

beforeEach(async () => {
  const [pair] = await spine.pairs(1);
  if (pair === undefined) throw new Error("no pair");
  conversation = pair;
  [ada, ben] = [personOf(pair, 0), personOf(pair, 1)];
  await spine.task.redis.sadd(redisKeys.userRoutes(ben), "local:0");
  spine.deliveries.length = 0;
});

describe("an edit", () => {
  test("gives the message its new text under the same id and seq, with the next rev", async () => {
    const id = await sent("first");
    await sent("second");
    await applied(edit(id, "better"));
    expect(await history()).toEqual([
      { seq: 1, rev: 3, text: "better", edited: true },
      { seq: 2, rev: 2, text: "second", edited: false },
    ]);
    expect(heard().at(-1)).toMatchObject({
      id,
      seq: 1,
      rev: 3,
      content: { text: "better" },
      editedAt: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
    });
  });

  test("edits and messages of one batch come out as if applied one by one", async () => {
    const [one, two] = [await sent("one"), await sent("two")];
    await applied(
      edit(one, "one a"),
      edit(two, "two a"),
      text("three"),
      edit(one, "one b"),
      edit(one, "one c"),
    );
    expect(await history()).toEqual([
      { seq: 1, rev: 7, text: "one c", edited: true },
      { seq: 2, rev: 4, text: "two a", edited: true },
      { seq: 3, rev: 5, text: "three", edited: false },
    ]);
    expect(heard().map(({ seq, rev, content }) => [seq, rev, textOf(content)])).toEqual([
      [1, 1, "one"],
      [2, 2, "two"],
      [1, 3, "one a"],
      [2, 4, "two a"],
      [3, 5, "three"],
      [1, 6, "one b"],
      [1, 7, "one c"],
    ]);
  });

  test("is applied once: an old one that comes again does not undo a newer one", async () => {
    const id = await sent("first");
    const older = edit(id, "older");
    await applied(older);
    await applied(edit(id, "newer"));
    await applied(older);
    expect(await history()).toEqual([{ seq: 1, rev: 3, text: "newer", edited: true }]);
    expect(heard().at(-1)).toMatchObject({ rev: 3, content: { text: "newer" } });
  });

  test("is refused for others, for messages that do not exist there, and after its time", async () => {
    const id = await sent("mine");
    const elsewhere = MessageId.parse("77");
    expect(await codes(edit(id, "yours", ben), edit(elsewhere, "nothing"), text("neighbour"))).toEqual([
      "not_allowed",
      "message_not_found",
      "ok",
    ]);
    await age(id);
    expect(await codes(edit(id, "too late"))).toEqual(["too_late"]);
  });
});

describe("a recall", () => {
  test("deletes the content; a later edit or recall of the message is applied as nothing", async () => {
    const id = await sent("secret");
    await applied(recall(id), edit(id, "changed"), recall(id), text("next"));
    expect(await history()).toEqual([
      { seq: 1, rev: 2, text: null, edited: false },
      { seq: 2, rev: 3, text: "next", edited: false },
    ]);
    expect(await contentOf(id)).toEqual({ content: null, recalled: true });
  });

  test("comes after an edit of the same batch that was sent before it", async () => {
    const id = await sent("secret");
    await applied(edit(id, "changed"), recall(id));
    expect(await history()).toEqual([{ seq: 1, rev: 3, text: null, edited: true }]);
    expect(await contentOf(id)).toEqual({ content: null, recalled: true });
  });

  test("is refused for the other person, for a message that does not exist, and after its time", async () => {
    const id = await sent("mine");
    expect(await codes(recall(id, ben), recall(MessageId.parse("77")))).toEqual([
      "not_allowed",
      "message_not_found",
    ]);
    await age(id);
    expect(await codes(recall(id))).toEqual(["too_late"]);
  });
});

function text(words: string): Submission {
  return textFrom(conversation, ada, words);
}

function edit(messageId: MessageId, words: string, userId = ada): Submission {
  const clientId = ClientId.parse(randomUUID());
  const content = { type: "text" as const, text: words };
  return { userId, frame: { op: "edit", conversation, clientId, messageId, content } };
}

function recall(messageId: MessageId, userId = ada): Submission {
  const clientId = ClientId.parse(randomUUID());
  return { userId, frame: { op: "recall", conversation, clientId, messageId } };
}

async function codes(...batch: Submission[]): Promise<string[]> {
  return (await submit(spine.logic, batch)).map((outcome) => (outcome.ok ? "ok" : outcome.code));
}

/** Makes a message too old to be changed by its sender. */
async function age(id: MessageId): Promise<void> {
  await spine.task.database.$client.query(
    "UPDATE messages SET sent_at = now() - interval '49 hours' WHERE id = $1",
    [id],
  );
}

async function contentOf(id: MessageId) {
  const [row] = await spine.task.database.$client.query(
    "SELECT content, recalled_at IS NOT NULL AS recalled FROM messages WHERE id = $1",
    [id],
  );
  return row;
}

/** Sends a text, and returns its id once it is stored. */
async function sent(words: string): Promise<MessageId> {
  await applied(text(words));
  const message = heard().at(-1);
  expect(message && textOf(message.content)).toBe(words);
  return MessageId.parse(message?.id);
}

/** Submits a batch and drains it as one. */
async function applied(...batch: Submission[]): Promise<void> {
  const outcomes = await submit(spine.logic, batch);
  expect(outcomes.filter(({ ok }) => !ok)).toEqual([]);
  const { delivered } = await drain(spine.task, [conversationTopic(conversation)]);
  expect((await delivered).failed).toEqual([]);
}

async function history() {
  return await spine.task.database.$client.query(
    `SELECT seq, rev, content->>'text' AS text, edited_at IS NOT NULL AS edited
       FROM messages WHERE conversation = $1 ORDER BY seq`,
    [conversation],
  );
}

function textOf(content: Content | null): string | null {
  return content?.type === "text" ? content.text : null;
}

/** The messages that the other person's bucket got. */
function heard() {
  return spine
    .pushed()
    .flatMap(({ events }) => events.flatMap((event) => (event.ev === "message" ? [event.message] : [])));
}
