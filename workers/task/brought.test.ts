import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { ReadableRecord } from "../../lib/message-log.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import { conversationTopic } from "../../lib/topic.ts";
import type { Topic } from "../../schema/internal/topic.ts";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import { submit } from "../logic/submit.ts";
import { drainInSeries } from "./series.ts";
import { personOf, type Spine, startSpine, textFrom } from "./spine.fixture.ts";

let spine: Spine;

beforeAll(async () => {
  spine = await startSpine();
  await spine.task.redis.set(redisKeys.epoch, "1");
}, 60_000);

afterAll(() => spine.close());

/** A kick, as logic makes it. */
type Kick = [topics: Topic[], written?: ReadableRecord[]];

describe("records that a kick brings", () => {
  test("are drained without reading the log, from a topic's second drain on", async () => {
    const conversation = await openConversation();
    const fetch = vi.spyOn(spine.task.messageLog, "fetch");
    await drainInSeries(spine.task, ...(await write(conversation, "two", "three")));
    expect(fetch).not.toHaveBeenCalled();
    expect(await history(conversation)).toEqual(["one", "two", "three"]);
    fetch.mockRestore();
  });

  test("are put in order when kicks overtake each other", async () => {
    const conversation = await openConversation();
    const earlier = await write(conversation, "two");
    const later = await write(conversation, "three");
    await drainInSeries(spine.task, ...later);
    await drainInSeries(spine.task, ...earlier);
    expect(await history(conversation)).toEqual(["one", "two", "three"]);
  });

  test("do not hide a record that came without its kick", async () => {
    const conversation = await openConversation();
    await write(conversation, "two");
    await drainInSeries(spine.task, ...(await write(conversation, "three")));
    expect(await history(conversation)).toEqual(["one", "two", "three"]);
  });

  test("do not hide a record whose kick found the lock taken", async () => {
    const conversation = await openConversation();
    const kick = await write(conversation, "two");
    await write(conversation, "three");
    // The kick of "three" counts its wake-up before the drain of "two" counts its own, and is late for the lock.
    await spine.task.redis.incr(redisKeys.wake(conversationTopic(conversation)));
    await drainInSeries(spine.task, ...kick);
    expect(await history(conversation)).toEqual(["one", "two", "three"]);
  });

  test("are not applied again when a drain has taken them from the log", async () => {
    const conversation = await openConversation();
    const kick = await write(conversation, "two");
    await drainInSeries(spine.task, [conversationTopic(conversation)]);
    await drainInSeries(spine.task, ...kick);
    expect(await history(conversation)).toEqual(["one", "two"]);
  });
});

/** A conversation with a message, drained: Redis knows where its topic goes on. */
async function openConversation(): Promise<ConversationId> {
  const [conversation] = await spine.pairs(1);
  if (conversation === undefined) throw new Error("no conversation");
  await drainInSeries(spine.task, ...(await write(conversation, "one")));
  return conversation;
}

/** Submits texts; returns the kick that logic makes for them. */
async function write(conversation: ConversationId, ...texts: string[]): Promise<Kick> {
  const kicks: Kick[] = [];
  const task = { ...spine.logic.task, drain: async (...kick: Kick) => void kicks.push(kick) };
  await submit(
    { ...spine.logic, task },
    texts.map((text) => textFrom(conversation, personOf(conversation, 0), text)),
  );
  const [kick] = kicks;
  if (kick === undefined) throw new Error("logic has not kicked task");
  return kick;
}

async function history(conversation: ConversationId): Promise<unknown[]> {
  const rows = await spine.task.database.$client.query(
    "SELECT content->>'text' AS text FROM messages WHERE conversation = $1 ORDER BY seq",
    [conversation],
  );
  return rows.map(({ text }) => text);
}
