import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { redisKeys } from "../../lib/redis-keys.ts";
import type { Delivery, DeliveryOutcome } from "../../lib/rpc/connect.ts";
import { conversationTopic } from "../../lib/topic.ts";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import { submit } from "../logic/submit.ts";
import type { Task } from "./context.ts";
import { personOf, type Spine, startSpine, textFrom } from "./spine.fixture.ts";

let spine: Spine;
/** A new isolate's series: what it remembers is state of the module. */
let drainInSeries: (task: Task, topics: ReturnType<typeof conversationTopic>[]) => Promise<void>;

beforeAll(async () => {
  spine = await startSpine();
  await spine.task.redis.set(redisKeys.epoch, "1");
}, 60_000);

afterAll(() => spine.close());

beforeEach(async () => {
  spine.deliveries.length = 0;
  vi.resetModules();
  ({ drainInSeries } = await import("./series.ts"));
});

test("what comes while two drains are under way is taken by the next one as a whole", async () => {
  const conversations = await spine.pairs(6);
  await write(conversations);
  const topics = conversations.map(conversationTopic);
  const { task, held, letGo } = holding(2);
  const first = drainInSeries(task, topics.slice(0, 1));
  const second = drainInSeries(task, topics.slice(1, 2));
  await held;
  await Promise.all(topics.slice(2).map((topic) => drainInSeries(task, [topic])));
  letGo();
  await Promise.all([first, second]);
  await spine.settled();
  expect(spine.deliveries.map((delivery) => delivery.held.length)).toEqual([1, 1, 4]);
  for (const conversation of conversations) expect(await stored(conversation)).toBe(1);
});

test("a topic that is being drained waits for its drain, and is drained again by it", async () => {
  const conversations = await spine.pairs(1);
  await write(conversations);
  const topics = conversations.map(conversationTopic);
  const { task, held, letGo } = holding(1);
  const first = drainInSeries(task, topics);
  await held;
  await write(conversations);
  await drainInSeries(task, topics);
  expect(spine.deliveries).toHaveLength(1);
  letGo();
  await first;
  await spine.settled();
  expect(spine.deliveries).toHaveLength(2);
  expect(await stored(conversations[0])).toBe(2);
});

test("a drain that fails leaves its topics to the queue, a second later", async () => {
  const [conversation] = await spine.pairs(1);
  if (conversation === undefined) throw new Error("no pair");
  await write([conversation]);
  const task = spine.otherTask();
  const send = vi.fn(task.drainQueue.send);
  const connect = { ...task.connect, deliver: () => Promise.reject(new Error("connect is down")) };
  await drainInSeries({ ...task, connect, drainQueue: { send } }, [conversationTopic(conversation)]);
  expect(send.mock.calls).toEqual([[{ topics: [conversationTopic(conversation)] }, { delaySeconds: 1 }]]);
});

test("what did not reach every bucket is left to the queue until its locks have lapsed", async () => {
  const [conversation] = await spine.pairs(1);
  if (conversation === undefined) throw new Error("no pair");
  await write([conversation]);
  const task = spine.otherTask();
  const send = vi.fn(task.drainQueue.send);
  const deliver = async ({ held }: Delivery): Promise<DeliveryOutcome> => ({
    released: [],
    again: [],
    failed: held.map(({ topic }) => topic),
  });
  await drainInSeries({ ...task, connect: { ...task.connect, deliver }, drainQueue: { send } }, [
    conversationTopic(conversation),
  ]);
  expect(send.mock.calls).toEqual([[{ topics: [conversationTopic(conversation)] }, { delaySeconds: 30 }]]);
});

test("a long series goes on in an invocation of its own", async () => {
  const [conversation] = await spine.pairs(1);
  if (conversation === undefined) throw new Error("no pair");
  const topic = conversationTopic(conversation);
  const task = spine.otherTask();
  const drain = vi.fn(task.self.drain);
  const { deliver } = task.connect;
  // A topic that is woken during every delivery is never done.
  task.connect = {
    ...task.connect,
    deliver: async (delivery) => {
      await task.redis.incr(redisKeys.wake(topic));
      return deliver(delivery);
    },
  };
  await drainInSeries({ ...task, self: { ...task.self, drain } }, [topic]);
  expect(drain.mock.calls).toEqual([[[]]]);
  expect(spine.deliveries).toHaveLength(40);
});

/** A task whose first deliveries wait; `held` settles when so many of them do. */
function holding(count: number): { task: Task; held: Promise<void>; letGo: () => void } {
  const task = spine.otherTask();
  const { deliver } = task.connect;
  const waiting = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  let deliveries = 0;
  task.connect = {
    ...task.connect,
    deliver: async (delivery) => {
      const result = deliver(delivery);
      deliveries += 1;
      if (deliveries === count) waiting.resolve();
      if (deliveries <= count) await released.promise;
      return result;
    },
  };
  return { task, held: waiting.promise, letGo: released.resolve };
}

async function write(conversations: ConversationId[]): Promise<void> {
  await submit(
    spine.logic,
    conversations.map((conversation) => textFrom(conversation, personOf(conversation, 0), "hello")),
  );
}

async function stored(conversation: ConversationId | undefined): Promise<number> {
  const [row] = await spine.task.database.$client.query(
    "SELECT count(*)::int AS count FROM messages WHERE conversation = $1",
    [conversation],
  );
  return Number(row?.count);
}
