import { Kafka } from "@upstash/kafka";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { redisKeys } from "../../lib/redis-keys.ts";
import { conversationTopic } from "../../lib/topic.ts";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import { submit } from "../logic/submit.ts";
import { drain } from "./drain.ts";
import { personOf, type Spine, startSpine, textFrom } from "./spine.fixture.ts";

let spine: Spine;

beforeAll(async () => {
  spine = await startSpine();
}, 30_000);

afterAll(() => spine.close());

beforeEach(() => {
  spine.deliveries.length = 0;
});

describe("a drain", () => {
  test("stores what was accepted, once, with seqs and revs from 1 and rising ids", async () => {
    const [conversation] = await oneConversation();
    const sent = ["one", "two", "three"].map((text) =>
      textFrom(conversation, personOf(conversation, 0), text),
    );
    const accepted = { ok: true, value: null };
    expect(await submit(spine.logic, sent)).toEqual([accepted, accepted, accepted]);
    await drained([conversation]);

    const messages = await history(conversation);
    expect(messages.map(({ text }) => text)).toEqual(["one", "two", "three"]);
    expect(messages.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(messages.map(({ rev }) => rev)).toEqual([1, 2, 3]);
    expect(rising(messages.map(({ id }) => BigInt(id)))).toBe(true);
  });

  test("has its locks also when the response to their request was lost, and the client repeats it", async () => {
    const [conversation] = await oneConversation();
    await submit(spine.logic, [textFrom(conversation, personOf(conversation, 0), "hello")]);
    const fetch = globalThis.fetch;
    const lost = vi.spyOn(globalThis, "fetch").mockImplementationOnce(async (...request) => {
      await fetch(...request);
      throw new TypeError("fetch failed");
    });
    const { busy, delivered } = await drain(spine.task, [conversationTopic(conversation)]);
    await delivered;
    lost.mockRestore();
    expect(busy).toEqual([]);
    expect((await history(conversation)).map(({ text }) => text)).toEqual(["hello"]);
  });

  test("stores a message that was sent twice once, and goes on without a gap", async () => {
    const [conversation] = await oneConversation();
    const first = textFrom(conversation, personOf(conversation, 0), "first");
    await submit(spine.logic, [first, first]);
    await drained([conversation]);
    await submit(spine.logic, [first, textFrom(conversation, personOf(conversation, 1), "second")]);
    await drained([conversation]);

    const messages = await history(conversation);
    expect(messages.map(({ text, seq }) => [text, seq])).toEqual([
      ["first", 1],
      ["second", 2],
    ]);
  });

  test("commits what was delivered, and takes back the marks", async () => {
    const [conversation] = await oneConversation();
    await submit(spine.logic, [textFrom(conversation, personOf(conversation, 0), "hello")]);
    const topic = conversationTopic(conversation);
    expect(await marksOf(topic)).toHaveLength(1);
    await drained([conversation]);
    expect(await marksOf(topic)).toHaveLength(0);
    expect((await spine.task.messageLog.committed([topic])).get(topic)).toBe(1);
  });

  test("leaves the mark of a record that is still on its way to the log", async () => {
    const [conversation] = await oneConversation();
    const topic = conversationTopic(conversation);
    await submit(spine.logic, [textFrom(conversation, personOf(conversation, 0), "here")]);
    await spine.task.redis.zadd(redisKeys.behind, { score: Date.now(), member: `${topic} on-its-way` });
    await drained([conversation]);
    expect(await marksOf(topic)).toEqual([`${topic} on-its-way`]);
  });

  test("leaves a topic that another drain holds, which then looks again", async () => {
    const [conversation] = await oneConversation();
    const topic = conversationTopic(conversation);
    await submit(spine.logic, [textFrom(conversation, personOf(conversation, 0), "one")]);
    let arrive: () => void = () => {};
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const slow = spine.otherTask();
    let letGo: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const deliver = slow.connect.deliver;
    slow.connect = {
      ...slow.connect,
      deliver: async (delivery) => {
        arrive();
        await held;
        return await deliver(delivery);
      },
    };
    const first = drain(slow, [topic]);
    await arrived;
    expect((await drain(spine.task, [topic])).busy).toEqual([topic]);
    letGo();
    expect(await (await first).delivered).toEqual({ again: [topic], failed: [] });
  });

  test("stamps later ids than another task whose clock is ahead", async () => {
    const [conversation] = await oneConversation();
    const ahead = spine.otherTask();
    (await ahead.snowflakes.generator(ahead.redis)).raise(Date.now() + 60_000);
    await submit(spine.logic, [textFrom(conversation, personOf(conversation, 0), "from the future")]);
    await (await drain(ahead, [conversationTopic(conversation)])).delivered;
    await submit(spine.logic, [textFrom(conversation, personOf(conversation, 1), "from now")]);
    await drained([conversation]);
    const messages = await history(conversation);
    expect(messages.map(({ text }) => text)).toEqual(["from the future", "from now"]);
    expect(rising(messages.map(({ id }) => BigInt(id)))).toBe(true);
  });

  test("refuses strangers and outsiders, and lets their neighbours through", async () => {
    const [conversation, other] = await spine.pairs(2);
    if (conversation === undefined || other === undefined) throw new Error("no pairs");
    const outcomes = await submit(spine.logic, [
      textFrom(conversation, personOf(other, 0), "I am not in this"),
      textFrom(conversation, personOf(conversation, 0), "I am"),
    ]);
    expect(outcomes.map((outcome) => (outcome.ok ? "ok" : outcome.code))).toEqual([
      "conversation_not_found",
      "ok",
    ]);
    await drained([conversation]);
    expect(await history(conversation)).toHaveLength(1);
  });

  test("makes no more round trips for 500 messages over 100 topics than over 5", async () => {
    const few = await roundTripsFor(5, 500);
    const many = await roundTripsFor(100, 500);
    expect(many).toEqual(few);
  });
});

test("ids stay above a conversation's newest when Redis has lost the clocks", async () => {
  const [conversation] = await oneConversation();
  const ahead = spine.otherTask();
  (await ahead.snowflakes.generator(ahead.redis)).raise(Date.now() + 3_600_000);
  await submit(spine.logic, [textFrom(conversation, personOf(conversation, 0), "an hour ahead")]);
  await (await drain(ahead, [conversationTopic(conversation)])).delivered;
  await spine.task.redis.del(redisKeys.snowflakeClock);
  await submit(spine.logic, [textFrom(conversation, personOf(conversation, 1), "now")]);
  await drained([conversation]);
  const messages = await history(conversation);
  expect(messages.map(({ text }) => text)).toEqual(["an hour ahead", "now"]);
  expect(rising(messages.map(({ id }) => BigInt(id)))).toBe(true);
});

async function roundTripsFor(topics: number, messages: number) {
  const conversations = await spine.pairs(topics);
  const batch = Array.from({ length: messages }, (_, index) => {
    const conversation = conversations[index % conversations.length];
    if (conversation === undefined) throw new Error("no conversation");
    return textFrom(conversation, personOf(conversation, 0), `message ${index}`);
  });
  await submit(spine.logic, batch);
  await spine.settled();
  const before = await spine.roundTrips();
  await drained(conversations);
  const after = await spine.roundTrips();
  for (const conversation of conversations)
    expect(await history(conversation)).toHaveLength(messages / topics);
  return {
    kafka: after.kafka - before.kafka,
    redis: after.redis - before.redis,
    postgres: after.postgres - before.postgres,
  };
}

async function oneConversation(): Promise<[ConversationId]> {
  const [conversation] = await spine.pairs(1);
  if (conversation === undefined) throw new Error("no conversation");
  return [conversation];
}

async function drained(conversations: ConversationId[]): Promise<void> {
  const { busy, delivered } = await drain(spine.task, [...new Set(conversations.map(conversationTopic))]);
  expect(busy).toEqual([]);
  expect((await delivered).failed).toEqual([]);
}

async function marksOf(topic: string): Promise<string[]> {
  const marks = await spine.task.redis.zrange<string[]>(redisKeys.behind, 0, -1);
  return marks.filter((mark) => mark.startsWith(`${topic} `));
}

async function history(conversation: ConversationId) {
  const rows = await spine.task.database.$client.query(
    "SELECT id, seq, rev, content->>'text' AS text FROM messages WHERE conversation = $1 ORDER BY seq",
    [conversation],
  );
  return rows.map((row) => ({ id: String(row.id), seq: row.seq, rev: row.rev, text: row.text }));
}

function rising(values: bigint[]): boolean {
  return values.every((value, index) => index === 0 || value > (values[index - 1] ?? 0n));
}

test("a record that is none of ours does not stop its topic", async () => {
  const [conversation] = await oneConversation();
  const topic = conversationTopic(conversation);
  const kafka = new Kafka(spine.kafka);
  await kafka.producer().produce(topic, "not a record");
  await submit(spine.logic, [textFrom(conversation, personOf(conversation, 0), "after it")]);
  await drained([conversation]);
  expect((await history(conversation)).map(({ text }) => text)).toEqual(["after it"]);
});
