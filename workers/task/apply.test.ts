import { Kafka } from "@upstash/kafka";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { append } from "../../lib/append.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import { conversationTopic } from "../../lib/topic.ts";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import { submit } from "../logic/submit.ts";
import { drain } from "./drain.ts";
import { personOf, type Spine, startSpine, textFrom } from "./spine.fixture.ts";

let spine: Spine;

beforeAll(async () => {
  spine = await startSpine();
  await spine.task.redis.set(redisKeys.epoch, "1");
}, 30_000);

afterAll(() => spine.close());

beforeEach(() => {
  spine.deliveries.length = 0;
});

describe("records that cannot be applied", () => {
  test("one that Postgres refuses is set aside, and all others of its batch are stored in order", async () => {
    const conversations = await spine.pairs(8);
    const [poisoned] = conversations;
    if (poisoned === undefined) throw new Error("no pairs");
    await write(conversations, "before");
    // A year that the wire's timestamps have and Postgres does not.
    await append(spine.logic, [
      {
        ...spine.logic.messageLog.place(conversationTopic(poisoned)),
        record: {
          kind: "operation",
          senderId: personOf(poisoned, 0),
          acceptedAt: "0000-01-01T00:00:00.000Z",
          operation: textFrom(poisoned, personOf(poisoned, 0), "poison").frame,
        },
      },
    ]);
    await write(conversations, "after");
    await drained(conversations);

    for (const conversation of conversations) expect(await texts(conversation)).toEqual(["before", "after"]);
    expect(await deadLetters(conversationTopic(poisoned))).toEqual([
      { offset: "1", reason: expect.stringMatching(/^22/), record: expect.stringContaining("poison") },
    ]);
    expect((await drain(spine.task, [conversationTopic(poisoned)])).busy).toEqual([]);
    expect(await deadLetters(conversationTopic(poisoned))).toHaveLength(1);
  });

  test("one that cannot be read is set aside as it is", async () => {
    const [conversation] = await spine.pairs(1);
    if (conversation === undefined) throw new Error("no pair");
    await new Kafka(spine.kafka).producer().produce(conversationTopic(conversation), "not a record");
    await write([conversation], "after it");
    await drained([conversation]);
    expect(await texts(conversation)).toEqual(["after it"]);
    expect(await deadLetters(conversationTopic(conversation))).toEqual([
      { offset: "0", reason: "unreadable", record: "not a record" },
    ]);
  });

  test("a fault of Postgres itself sets nothing aside: the drain fails, and the next one stores everything", async () => {
    const [conversation] = await spine.pairs(1);
    if (conversation === undefined) throw new Error("no pair");
    await write([conversation], "hello");
    await execute("ALTER TABLE messages RENAME TO messages_away", []);
    await expect(drain(spine.task, [conversationTopic(conversation)])).rejects.toThrow("messages");
    await execute("ALTER TABLE messages_away RENAME TO messages", []);
    await drained([conversation]);
    expect(await texts(conversation)).toEqual(["hello"]);
    expect(await deadLetters(conversationTopic(conversation))).toEqual([]);
  });
});

test("an operation that was applied before is pushed again as it is stored", async () => {
  const [conversation] = await spine.pairs(1);
  if (conversation === undefined) throw new Error("no pair");
  await spine.task.redis.sadd(redisKeys.userRoutes(personOf(conversation, 1)), "local:0");
  const message = textFrom(conversation, personOf(conversation, 0), "once");
  await submit(spine.logic, [message]);
  await drained([conversation]);
  await submit(spine.logic, [message]);
  await drained([conversation]);
  const [first, second] = spine.pushed().flatMap(({ events }) => events);
  expect(first).toMatchObject({ ev: "message", message: { seq: 1, rev: 1, content: { text: "once" } } });
  expect(second).toEqual(first);
});

async function write(conversations: ConversationId[], text: string): Promise<void> {
  const batch = conversations.map((conversation) => textFrom(conversation, personOf(conversation, 0), text));
  const outcomes = await submit(spine.logic, batch);
  expect(outcomes.every(({ ok }) => ok)).toBe(true);
}

async function drained(conversations: ConversationId[]): Promise<void> {
  const { busy, delivered } = await drain(spine.task, conversations.map(conversationTopic));
  expect(busy).toEqual([]);
  expect((await delivered).failed).toEqual([]);
}

async function texts(conversation: ConversationId): Promise<unknown[]> {
  const rows = await execute(
    "SELECT content->>'text' AS text FROM messages WHERE conversation = $1 ORDER BY seq",
    [conversation],
  );
  return rows.map(({ text }) => text);
}

function deadLetters(topic: string) {
  return execute('SELECT "offset"::text, reason, record FROM dead_letters WHERE topic = $1', [topic]);
}

function execute(text: string, values: unknown[]) {
  return spine.task.database.$client.query(text, values);
}
