import { Kafka } from "@upstash/kafka";
import { afterAll, beforeAll, expect, test } from "vitest";
import { relayFacts } from "../../lib/fact-relay.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import { conversationTopic, userTopic } from "../../lib/topic.ts";
import { Topic } from "../../schema/internal/topic.ts";
import { submit } from "../logic/submit.ts";
import { drain } from "./drain.ts";
import { personOf, type Spine, startSpine, textFrom } from "./spine.fixture.ts";

/** All direct conversations are in these two topics. */
const TOPICS = [Topic.parse("user.0"), Topic.parse("user.1")];

let spine: Spine;

beforeAll(async () => {
  spine = await startSpine(2);
  await spine.task.redis.set(redisKeys.epoch, "1");
}, 30_000);

afterAll(() => spine.close());

test("in a hashed layout, conversations share a topic, its order and its lock", async () => {
  const conversations = await spine.pairs(12);
  for (const text of ["first", "second"]) {
    const batch = conversations.map((conversation) =>
      textFrom(conversation, personOf(conversation, 0), text),
    );
    expect((await submit(spine.logic, batch)).every(({ ok }) => ok)).toBe(true);
  }
  const kafka = new Kafka(spine.kafka);
  expect(Object.keys(await kafka.admin().topics())).toEqual(TOPICS);
  const topicPartitionOffsets = TOPICS.map((topic) => ({ topic, partition: 0, offset: 0 }));
  const records = await kafka.consumer().fetch({ topicPartitionOffsets, timeout: 0 }, { parallel: false });
  expect(records.map(({ key }) => key).sort()).toEqual(
    conversations.flatMap((conversation) => Array(2).fill(conversationTopic(conversation))).sort(),
  );

  const drains = await Promise.all([spine.task, spine.otherTask()].map((task) => drain(task, TOPICS)));
  expect(drains.flatMap(({ busy }) => busy).sort()).toEqual(TOPICS);
  await Promise.all(drains.map(({ delivered }) => delivered));
  for (const conversation of conversations) {
    const rows = await spine.task.database.$client.query(
      "SELECT content->>'text' AS text FROM messages WHERE conversation = $1 ORDER BY seq",
      [conversation],
    );
    expect(rows.map(({ text }) => text)).toEqual(["first", "second"]);
  }
});

test("facts that are pending under an object's own topic go to its place", async () => {
  const [conversation] = await spine.pairs(1);
  if (conversation === undefined) throw new Error("no pair");
  const [ada, ben] = [userTopic(personOf(conversation, 0)), userTopic(personOf(conversation, 1))];
  const topics = await relayFacts(spine.logic, [ada, ben]);
  expect(topics.length).toBeGreaterThan(0);
  for (const topic of topics) expect(TOPICS).toContain(topic);
  expect(await relayFacts(spine.logic, [ada, ben])).toEqual([]);
  const { delivered } = await drain(spine.task, topics);
  expect((await delivered).failed).toEqual([]);
});
