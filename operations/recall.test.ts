import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { redisKeys } from "../lib/redis-keys.ts";
import type { Submission } from "../lib/rpc/logic.ts";
import { conversationTopic } from "../lib/topic.ts";
import type { ConversationId } from "../schema/wire/conversation-id.ts";
import { ClientId, MessageId, type UserId } from "../schema/wire/ids.ts";
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
}, 60_000);

afterAll(() => spine.close());

beforeEach(async () => {
  const [pair] = await spine.pairs(1);
  if (pair === undefined) throw new Error("no pair");
  conversation = pair;
  [ada, ben] = [personOf(pair, 0), personOf(pair, 1)];
});

test("an edit after a recall, and a second recall, are applied as nothing", async () => {
  const id = await sent("secret");
  await applied(recall(id), edit(id, "changed"), recall(id), textFrom(conversation, ben, "next"));
  expect(await history()).toEqual([
    { seq: 1, rev: 2, content: null, recalled: true, edited: false },
    { seq: 2, rev: 3, content: { type: "text", text: "next" }, recalled: false, edited: false },
  ]);
});

test("an edit before a recall in the same batch is applied first", async () => {
  const id = await sent("secret");
  await applied(edit(id, "changed"), recall(id));
  expect(await history()).toEqual([{ seq: 1, rev: 3, content: null, recalled: true, edited: true }]);
});

test("is refused for the other person, for a message that does not exist, and after its time", async () => {
  const id = await sent("mine");
  expect(await codes(recall(id, ben), recall(MessageId.parse("77")))).toEqual([
    "not_allowed",
    "message_not_found",
  ]);
  await spine.task.database.$client.query(
    "UPDATE messages SET sent_at = now() - interval '49 hours' WHERE id = $1",
    [id],
  );
  expect(await codes(recall(id))).toEqual(["too_late"]);
});

function recall(messageId: MessageId, userId = ada): Submission {
  return { userId, frame: { op: "recall", conversation, clientId: newClientId(), messageId } };
}

function edit(messageId: MessageId, text: string): Submission {
  const content = { type: "text" as const, text };
  return { userId: ada, frame: { op: "edit", conversation, clientId: newClientId(), messageId, content } };
}

function newClientId(): ClientId {
  return ClientId.parse(randomUUID());
}

/** Sends a text, and returns its id once it is stored. */
async function sent(text: string): Promise<MessageId> {
  await applied(textFrom(conversation, ada, text));
  const [row] = await spine.task.database.$client.query(
    "SELECT max(id)::text AS id FROM messages WHERE conversation = $1",
    [conversation],
  );
  return MessageId.parse(row?.id);
}

async function codes(...batch: Submission[]): Promise<string[]> {
  return (await submit(spine.logic, batch)).map((outcome) => (outcome.ok ? "ok" : outcome.code));
}

/** Submits a batch and drains it as one. */
async function applied(...batch: Submission[]): Promise<void> {
  expect(await codes(...batch)).toEqual(batch.map(() => "ok"));
  const { delivered } = await drain(spine.task, [conversationTopic(conversation)]);
  expect((await delivered).failed).toEqual([]);
}

async function history() {
  return await spine.task.database.$client.query(
    `SELECT seq, rev, content, recalled_at IS NOT NULL AS recalled, edited_at IS NOT NULL AS edited
       FROM messages WHERE conversation = $1 ORDER BY seq`,
    [conversation],
  );
}
